"""Zeek's conn.log as JSON, in both spellings, and what else such files hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.model.flows import Flag, State
from sekisho.sources.readers.zeek_conn_json import ZeekConnJson

USUAL: dict[str, Any] = {
    "ts": 1709251200.000001,
    "uid": "C1",
    "id.orig_h": "10.0.0.1",
    "id.orig_p": 50000,
    "id.resp_h": "2001:db8::2",
    "id.resp_p": 443,
    "proto": "tcp",
    "duration": 1.5,
    "orig_bytes": 100,
    "resp_bytes": 200,
    "conn_state": "SF",
    "history": "ShADadFf",
    "orig_pkts": 5,
    "orig_ip_bytes": 300,
    "resp_pkts": 5,
    "resp_ip_bytes": 400,
}


def line(**changes: Any) -> str:
    values = USUAL | {key.replace("id_", "id.", 1): value for key, value in changes.items()}
    return json.dumps({k: v for k, v in values.items() if v is not None}) + "\n"


def test_both_spellings_mean_the_same(read_with: Callable[..., Any]) -> None:
    dotted = read_with("zeek-conn-json", line())
    under = read_with("zeek-conn-json", line().replace("id.", "id_"))
    mixed = read_with("zeek-conn-json", line() + line().replace("id.", "id_"))
    assert dotted.flows == under.flows
    assert len(mixed.flows) == 2
    flow = dotted.flows[0]
    assert flow["start"] == datetime(2024, 3, 1, microsecond=1, tzinfo=UTC)
    assert (flow["src"], flow["dst"], flow["dst_port"]) == ("10.0.0.1", "2001:db8::2", 443)
    assert (flow["bytes_out"], flow["payload_in"], flow["state"]) == (300, 200, State.ESTABLISHED)


@pytest.mark.parametrize(
    "ts", ["2024-03-01T00:00:00.000001Z", "2024-03-01T09:00:00.000001+09:00", "1709251200.000001"]
)
def test_times_as_text(ts: str, read_with: Callable[..., Any]) -> None:
    flow = read_with("zeek-conn-json", line(ts=ts)).flows[0]
    assert flow["start"] == datetime(2024, 3, 1, microsecond=1, tzinfo=UTC)


def test_records_of_other_logs_are_passed_over_and_counted(read_with: Callable[..., Any]) -> None:
    other = '{"_path": "dns", "ts": 1, "id.orig_h": "1.1.1.1", "id.resp_h": "2.2.2.2"}\n'
    read = read_with("zeek-conn-json", line(_path="conn") + other + line(_path="conn_long", uid="C2"))
    assert [flow["uid"] for flow in read.flows] == ["C1", "C2"]
    assert read.flows[1]["flags"] & Flag.OPEN
    assert (read.ignored, read.rejects) == (1, [])
    note = (
        "records of dns among connections were passed over: give each log a file of its own,"
        " or take it with --reader zeek-streams-json"
    )
    assert read.notes == [note]
    assert read_with("zeek-conn-json", line(_path="conn") + other * 5 + "rubbish\n").notes == [note]
    assert read_with("zeek-conn-json", line() + other.replace("dns", "weird")).notes == []


def test_what_is_no_record_is_rejected_with_its_line(read_with: Callable[..., Any]) -> None:
    text = line() + "{broken\n" + "[1]\n" + '{"ts": 1}\n' + line(ts=None) + line(orig_bytes="x") + "\n"
    read = read_with("zeek-conn-json", text + line(uid="last"))
    assert [flow["uid"] for flow in read.flows] == ["C1", "last"]
    assert read.reasons[2] == "is no JSON object"
    assert read.reasons[3] == "is no JSON object"
    assert "no conn record" in read.reasons[4]
    assert "start time is missing" in read.reasons[5]
    assert "orig_bytes" in read.reasons[6]
    assert read.ignored == 1


def test_numbers_that_json_cannot_hold_do_no_harm(read_with: Callable[..., Any]) -> None:
    raw = (
        line().replace("300", "9" * 400) + line().replace("300", "NaN") + line().replace("300", "1e999")
    )
    read = read_with("zeek-conn-json", raw + line(uid="C9"))
    assert read.flows[-1]["uid"] == "C9"
    assert len(read.flows) + len(read.rejects) == 4
    deep = "{" + '"a":{' * 50_000 + "}" * 50_001 + "\n"
    assert read_with("zeek-conn-json", deep + line()).flows[0]["uid"] == "C1"


def test_lone_surrogates_and_other_bytes_do_no_harm(read_with: Callable[..., Any]) -> None:
    read = read_with("zeek-conn-json", line(uid="\ud800x").encode() + b'{"uid": "\xff\xfe"}\n')
    assert len(read.flows) == 1
    assert list(read.reasons) == [2]


def test_raw_columns_are_given_as_text(read_with: Callable[..., Any]) -> None:
    text = line(tags=["a", "b"], local_orig=True, n=None)
    read = read_with("zeek-conn-json", text, fields=["tags", "local_orig", "n", "id.orig_p"])
    assert read.fields == [{"id.orig_p": "50000", "local_orig": "true", "n": None, "tags": "a,b"}]


def test_detection() -> None:
    reader = ZeekConnJson()
    assert reader.detect(line().encode()) == 95
    assert reader.detect(b'{"_path":"dns"}\n' + line().encode()) == 95
    assert reader.detect(b'{"_path":"dns"}\n') == 0
    assert reader.detect(b'{"event": "x"}\nnot json\n' + line().encode()) == 0


def test_real_records_agree_with_a_plain_reading(
    shared_data: Path, read_with: Callable[..., Any]
) -> None:
    raw = (shared_data / "formats" / "zeek-conn-json.log").read_text()
    plain = [json.loads(text) for text in raw.splitlines()]
    read = read_with("zeek-conn-json", raw)
    assert len(plain) == 40
    assert [flow["uid"] for flow in read.flows] == [record["uid"] for record in plain]
    assert [flow["start"].timestamp() for flow in read.flows] == pytest.approx(
        [record["ts"] for record in plain], abs=1e-6
    )
    assert [flow["payload_in"] for flow in read.flows] == [r.get("resp_bytes") for r in plain]
