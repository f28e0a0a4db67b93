"""Records of names one by one, each with the reason for which it cannot be used."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest

from sekisho.sources.blocks import Piece
from sekisho.sources.readers.zeek_dns import ZEEK_DNS_TSV
from sekisho.sources.zeek_names_rows import NameRows

GOOD: dict[str, Any] = {
    "ts": "1.5",
    "uid": "C1",
    "id.orig_h": "10.0.0.1",
    "id.resp_h": "10.0.0.2",
    "id.resp_p": "53",
    "query": "a",
    "answers": ["b", None],
}


def rows(*records: dict[str, Any]) -> tuple[list[str | None], Piece]:
    collected = NameRows(ZEEK_DNS_TSV.log, ["uid"], UTC)
    piece = Piece()
    reasons = []
    for number, changes in enumerate(records, 1):
        bad = collected.add(number, b"text", GOOD | changes, {"uid": "raw"})
        reasons.append(bad.reason if bad else None)
    collected.finish(piece)
    return reasons, piece


def test_good_records_become_names_with_their_raw_fields() -> None:
    reasons, piece = rows({}, {"query": None, "answers": None}, {"ts": "2024-03-01T00:00:00Z"})
    assert reasons == [None, None, None]
    assert piece.names[0]["value"].to_pylist() == ["a", "b", "a", "b"]
    assert piece.names[0]["row"].to_pylist() == [1, 1, 3, 3]
    assert piece.name_fields[0]["uid"].to_pylist() == ["raw"] * 4
    assert piece.ignored == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ts": "soon"}, "ts is no time"),
        ({"ts": "9" * 80}, "ts is no time"),
        ({"id.resp_p": "fifty"}, "id.resp_p is no whole number"),
    ],
)
def test_what_cannot_be_a_number_is_refused(changes: dict[str, Any], reason: str) -> None:
    assert rows(changes)[0] == [reason]


def test_lone_surrogates_become_something_that_can_be_stored() -> None:
    _, piece = rows({"query": "a\ud800b"})
    assert piece.names[0]["value"].to_pylist()[0] == "a?b"


def test_nothing_is_nothing() -> None:
    assert rows()[1].names == []
