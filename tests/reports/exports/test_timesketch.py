"""Read back with the csv and json modules, as Timesketch does."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.reports.incident_cases import large, nothing, ordinary, relayed
from tests.reports.incident_parts import AT, HOSTILE

from sekisho.model.incidents import InvestigationDocument
from sekisho.reports.base import Options
from sekisho.reports.exports.timesketch import COLUMNS, events
from sekisho.reports.registry import render


def text(document: InvestigationDocument, form: str, encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding, newline="")
    render(document, f"timesketch-{form}", stream, Options())
    stream.flush()
    return raw.getvalue().decode(encoding)


def rows(document: InvestigationDocument) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(text(document, "csv"), newline="")))


def lines(document: InvestigationDocument) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text(document, "jsonl").splitlines()]


def test_both_forms_tell_the_same_events_with_the_fields_that_are_required() -> None:
    document = ordinary()
    flat, whole = rows(document), lines(document)
    assert len(flat) == len(whole) == len(document.timeline) + 2
    for row, event in zip(flat, whole, strict=True):
        assert tuple(row) == COLUMNS
        for name in ("message", "datetime", "timestamp_desc"):
            assert row[name] == event[name] != ""
        at = datetime.fromisoformat(event["datetime"])
        assert at.utcoffset() == timedelta(0)
        assert event["datetime"].endswith("+00:00")
        assert len(event["datetime"]) == len("2020-06-04T10:00:00.250000+00:00")
        assert event["timestamp"] == round(at.timestamp() * 1_000_000) == int(row["timestamp"])
        assert row["tag"].split(",") == event["tag"]
    assert flat[0]["datetime"] == "2020-06-04T10:00:00.250000+00:00"
    assert flat[0]["local_time"] == "2020-06-04T17:00:00+07:00"


def test_a_step_has_its_ends_and_what_people_did_its_entry() -> None:
    events_ = lines(ordinary())
    step = events_[1]
    assert (step["src_ip"], step["dst_ip"], step["dst_port"]) == ("10.40.9.9", "10.1.10.96", 445)
    assert step["account"] == "CORP\\anong"
    assert step["tag"] == ["sekisho", "hop", "confirmed", "T1021.002"]
    assert step["evidence"].startswith("logs/th-edge/conn.log row 412 sha256:aaaa")
    left = next(event for event in events_ if event["kind"] == "leaving")
    assert left["timestamp_desc"] == "Data began to leave"
    assert (left["dst_ip"], left["party"], left["bytes_high"]) == (
        *("198.51.100.77", "a file service"),
        4_600_000_000,
    )
    note = next(event for event in events_ if event["kind"] == "note")
    assert (note["timestamp_desc"], note["evidence"]) == ("Note written", "ledger entry 9")
    assert "src_ip" not in note, "what is not known of an event is left out"
    assert [event["timestamp_desc"] for event in events_[-2:]] == [
        "Recording stops",
        "Recording begins again",
    ]


def test_every_step_of_many_is_told_with_its_own_ends() -> None:
    document = large()
    for event, item in zip(events(document), document.timeline, strict=False):
        if event["src_ip"] is not None:
            assert event["src_ip"] in item.text
            assert event["dst_ip"] in item.text


def test_a_spreadsheet_computes_nothing_and_a_terminal_obeys_nothing() -> None:
    for begin in ("=", "+", "-", "@", "\t=", "＝"):
        item = ordinary().timeline[0].model_copy(update={"text": f"{begin}1+1", "kind": "note"})
        (row,) = rows(ordinary().model_copy(update={"timeline": (item,), "unobservable": ()}))
        assert row["message"].startswith("'")
    for form in ("csv", "jsonl"):
        told = text(large(), form)
        assert "\x1b" not in told
        assert "\u202e" not in told
    said = [event["message"] for event in lines(large())]
    assert HOSTILE in said, "JSON keeps the value as it is"


def test_other_encodings_and_an_empty_timeline() -> None:
    item = ordinary().timeline[0].model_copy(update={"text": "工場", "at": AT})
    document = nothing().model_copy(update={"timeline": (item,)})
    assert "\\u5de5" in text(document, "csv", "ascii")
    assert json.loads(text(document, "jsonl", "ascii"))["message"] == "工場"
    assert text(nothing(), "jsonl") == ""
    assert rows(nothing()) == []


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_the_same_document_gives_the_same_bytes(form: str) -> None:
    assert text(large(), form) == text(large(), form)


def test_a_step_behind_a_relay_is_told_with_the_relay() -> None:
    hidden, passed = lines(relayed().model_copy(update={"unobservable": ()}))
    assert (hidden["src_ip"], hidden["hidden_behind"]) == ("10.40.0.8", "proxy-1")
    assert passed["through"] == "jump-1 (10.1.0.9)"
