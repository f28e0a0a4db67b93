"""Windows events as JSON lines, in each of their forms."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sekisho.sources.registry import by_name, detect

Reading = Callable[..., Any]
DATA = {
    "TargetUserName": "anna",
    "TargetDomainName": "CORP",
    "LogonType": "10",
    "IpAddress": "10.0.0.7",
}
FLAT = {
    "EventID": 4624,
    "Hostname": "pc1.corp.example",
    "Channel": "security",
    "RecordNumber": 7,
    "@timestamp": "2024-03-01T05:00:00.5Z",
    "EventTime": "2024-03-01 00:00:00",
    **DATA,
}
WINLOG = {
    "@timestamp": "2024-03-01T05:00:00.5Z",
    "winlog": {
        "event_id": "4624",
        "computer_name": "pc1.corp.example",
        "channel": "Security",
        "record_id": 7,
        "event_data": DATA,
    },
}
STRUCTURE = {
    "Event": {
        "System": {
            "EventID": {"#attributes": {"Qualifiers": "0"}, "#text": 4624},
            "Computer": "pc1.corp.example",
            "Channel": "Security",
            "EventRecordID": "7",
            "TimeCreated": {"#attributes": {"SystemTime": "2024-03-01T05:00:00.5Z"}},
        },
        "EventData": DATA,
    }
}


def lines(*records: Any) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


@pytest.mark.parametrize("record", [FLAT, WINLOG, STRUCTURE])
def test_every_form_says_the_same(record: Any, read_with: Reading) -> None:
    assert detect(lines(record)) is by_name("windows-events")
    read = read_with("windows-events", lines(record))
    (row,) = read.logons
    assert row.pop("time").isoformat() == "2024-03-01T05:00:00.500000+00:00"
    assert row == {
        "host": "pc1.corp.example",
        "kind": "logon",
        "success": True,
        "account": "CORP\\anna",
        "logon_type": 10,
        "src": "10.0.0.7",
        "event": 4624,
        "record": 7,
        "row": 1,
    }
    assert read.spans == []


def test_a_time_without_a_zone_is_the_sensors_where_nothing_better_is_told(read_with: Reading) -> None:
    record = {key: value for key, value in FLAT.items() if key != "@timestamp"}
    (row,) = read_with("windows-events", lines(record), timezone="America/New_York").logons
    assert row["time"].isoformat() == "2024-03-01T05:00:00+00:00"


def test_each_bad_line_has_its_reason(read_with: Reading) -> None:
    records = [
        {**FLAT, "@timestamp": "never", "EventTime": ""},
        {**FLAT, "EventID": "x" * 5000},
        {"a": 1},
        FLAT,
        {**FLAT, "EventID": 4634},
    ]
    read = read_with("windows-events", lines(*records) + b"no json\n\n")
    assert read.reasons == {
        1: "the time is missing or no time",
        2: "EventID is missing or no number",
        3: "is no Windows event",
        6: "is no JSON object",
    }
    assert (len(read.logons), read.ignored, read.last_row) == (1, 2, 7)


def test_text_without_end_is_cut_and_escapes_are_kept(read_with: Reading) -> None:
    record = {**FLAT, "TargetUserName": "a" * 100_000, "WorkstationName": "\x1b[2J\udc80"}
    (row,) = read_with("windows-events", lines(record)).logons
    assert len(row["account"]) == 256
    assert row["src_name"].startswith("\x1b[2J")
