"""CSV of any origin, with our names and with a mapping."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from sekisho.errors import RequestError
from sekisho.model.flows import Flag, State
from sekisho.sources.readers.generic_csv import GenericCsv

OURS = "start,end,src,src_port,dst,dst_port,protocol,bytes_out,bytes_in,state\n"
ROW = "2024-03-01T00:00:00Z,2024-03-01T00:00:05Z,10.0.0.1,50000,10.0.0.2,443,tcp,10,20,established\n"
MAPPING = {
    "columns": {
        "start": "When",
        "src": "From",
        "dst": "To",
        "dst_port": "Port",
        "protocol": "Proto",
        "bytes_out": "Sent",
        "state": "Action",
        "duration": "Secs",
    },
    "time": "epoch_ms",
    "delimiter": "semicolon",
    "states": {"ACCEPT": "established", "DROP": "denied"},
}
THEIRS = "\ufeffWhen;From;To;Port;Proto;Sent;Action;Secs\n"


def test_our_own_names_need_no_mapping(read_with: Callable[..., Any]) -> None:
    flow = read_with("generic-csv", OURS + ROW).flows[0]
    assert flow["start"] == datetime(2024, 3, 1, tzinfo=UTC)
    assert (flow["bytes_out"], flow["bytes_in"], flow["state"]) == (10, 20, State.ESTABLISHED)
    assert flow["src_port"] == 50000


def test_a_mapping_says_what_the_columns_are(read_with: Callable[..., Any]) -> None:
    text = THEIRS + "1709251200123;10.0.0.1;10.0.0.2;443;6;10;Drop;1.5\r\n"
    text += '1709251200123;"10.0.0.1";2001:db8::2;"53";UDP;;"odd ""one""";\n'
    read = read_with("generic-csv", text, mapping=MAPPING)
    first, second = read.flows
    assert first["start"] == datetime(2024, 3, 1, microsecond=123_000, tzinfo=UTC)
    assert (first["end"] - first["start"]).total_seconds() == 1.5
    assert first["state"] == State.DENIED
    assert first["src_port"] == 0, "a source that has no such column says nothing about it"
    assert (second["dst"], second["state"]) == ("2001:db8::2", State.UNKNOWN)
    assert second["flags"] & Flag.BYTES_UNKNOWN
    assert "odd" in " ".join(read.notes)


def test_one_way_sources_are_oriented(read_with: Callable[..., Any]) -> None:
    text = OURS + ROW.replace("10.0.0.1,50000,10.0.0.2,443", "10.0.0.2,443,10.0.0.1,50000")
    flow = read_with("generic-csv", text, mapping={"one_way": True}).flows[0]
    assert (flow["src"], flow["dst_port"]) == ("10.0.0.1", 443)
    assert flow["flags"] & Flag.ONE_WAY
    assert flow["flags"] & Flag.REVERSED


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (ROW.replace("10.0.0.1", "10.0.0.256"), "src is no address"),
        (ROW.replace("443", "https"), "dst_port is no whole number"),
        (ROW.replace("tcp", "tcpx"), "protocol is no known protocol"),
        (ROW.replace("2024-03-01T00:00:00Z", "soon"), "start time"),
        (ROW.replace("2024-03-01T00:00:05Z", "later"), "end is no time"),
        ("one,two\n", "2 columns where the header names 10"),
        ('"unclosed,' + ROW, "quotes do not match"),
    ],
)
def test_bad_rows_have_their_reason(row: str, reason: str, read_with: Callable[..., Any]) -> None:
    read = read_with("generic-csv", OURS + ROW + row + ROW)
    assert len(read.flows) == 2
    assert list(read.reasons) == [3]
    assert reason in read.reasons[3]


def test_a_header_that_lacks_something_says_what(read_with: Callable[..., Any]) -> None:
    read = read_with("generic-csv", "start,src\n2024-03-01T00:00:00Z,10.0.0.1\n")
    assert read.flows == []
    assert "no dst, protocol" in read.reasons[2]


@pytest.mark.parametrize(
    "mapping",
    [
        {"colums": {}},
        {"columns": {"source": "x"}},
        {"columns": {"src": ""}},
        {"columns": "src"},
        {"time": "epoch_m"},
        {"timezone": "Moon/Base"},
        {"one_way": "yes"},
        {"states": {"A": "open"}},
        {"states": ["x"]},
        {"delimiter": "::"},
    ],
)
def test_a_wrong_mapping_is_refused_with_what_may_stand_there(
    mapping: dict[str, Any], read_with: Callable[..., Any]
) -> None:
    with pytest.raises(RequestError) as refused:
        read_with("generic-csv", OURS + ROW, mapping=mapping)
    assert refused.value.mend


def test_detection_asks_for_the_columns_it_needs() -> None:
    reader = GenericCsv()
    theirs = THEIRS.removeprefix("\ufeff").encode()
    assert reader.detect(OURS.encode()) == 40
    assert reader.detect(theirs) == 0
    assert reader.detect(theirs, MAPPING) == 60
    assert reader.detect(theirs, {"nonsense": 1}) == 0
    assert reader.detect(b"\x00\xff\n\n") == 0
