from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest

from sekisho.model.events import MOST_VALUES, SOURCE_EVENTS, VALUE_LIMIT
from sekisho.sources.base import Reject
from sekisho.sources.blocks import Piece
from sekisho.sources.windows_records import event_of
from sekisho.sources.windows_whole import EventRows, WholeEvents

SYSTEM = {
    "Provider": {"#attributes": {"Name": "P"}},
    "EventID": {"#attributes": {"Qualifiers": 0}, "#text": 7045},
    "Level": 4,
    "Keywords": "0x80",
    "TimeCreated": {"#attributes": {"SystemTime": "2020-06-11T01:00:00.5Z"}},
    "EventRecordID": 12,
    "Channel": "System",
    "Computer": "PC-1",
}


def _row(record: dict[str, Any]) -> dict[str, Any]:
    rows = EventRows()
    rows.add(3, record)
    table = rows.table()
    assert table.schema == SOURCE_EVENTS
    found: dict[str, Any] = table.to_pylist()[0]
    return found


def _of(data: dict[str, Any]) -> dict[str, Any]:
    return _row({"Event": {"System": SYSTEM, "EventData": data}})


def test_an_event_of_a_log() -> None:
    found = _of({"ImagePath": "C:\\x.exe", "Other": 5, "Flag": True, "None": None, "Empty": ""})
    assert (found["host"], found["channel"], found["provider"]) == ("PC-1", "System", "P")
    assert (found["event_id"], found["record"], found["row"], found["cut"]) == (7045, 12, 3, False)
    assert found["time"].isoformat() == "2020-06-11T01:00:00.500000+00:00"
    assert found["v_imagepath"] == "C:\\x.exe"
    assert found["v_commandline"] is None
    assert dict(found["more"]) == {
        "Level": "4",
        "Keywords": "0x80",
        "Other": "5",
        "Flag": "true",
        "Empty": "",
    }


def test_values_without_names_and_with_attributes() -> None:
    found = _of({"Data": {"#text": ["one", "two"]}, "Binary": {"#attributes": {"a": 1}}})
    assert dict(found["more"])["Data"] == "one\ntwo"
    assert "Binary" not in dict(found["more"])


def test_what_services_say_in_their_own_way() -> None:
    found = _row({"Event": {"System": SYSTEM, "UserData": {"Cleared": {"SubjectUserName": "anna"}}}})
    assert found["v_subjectusername"] == "anna"


def test_the_forms_that_shippers_send() -> None:
    winlog = {
        "winlog": {
            "event_id": 1,
            "computer_name": "PC-2",
            "channel": "C",
            "event_data": {"CommandLine": "x"},
        },
        "@timestamp": "2020-06-11T01:00:00Z",
    }
    assert _row(winlog)["v_commandline"] == "x"
    flat = {
        "EventID": 1,
        "Hostname": "PC-3",
        "Channel": "C",
        "EventTime": "2020-06-11 01:00:00",
        "CommandLine": "y",
        "Rest": "z",
    }
    found = _row(flat)
    assert (found["host"], found["v_commandline"], dict(found["more"])) == ("PC-3", "y", {"Rest": "z"})


def test_bounds_hold_and_are_told() -> None:
    rows = EventRows()
    rows.add(1, {"Event": {"System": SYSTEM, "EventData": {"CommandLine": "x" * (VALUE_LIMIT + 1)}}})
    many = {f"n{at}": "x" for at in range(MOST_VALUES + 5)}
    rows.add(2, {"Event": {"System": SYSTEM, "EventData": many}})
    rows.add(3, {"Event": {"System": SYSTEM, "EventData": {"CommandLine": "a\0\ud800b"}}})
    assert (rows.count, rows.cut) == (3, 2)
    first, second, third = rows.table().to_pylist()
    assert len(first["v_commandline"]) == VALUE_LIMIT
    assert len(second["more"]) <= MOST_VALUES
    assert (first["cut"], second["cut"], third["cut"]) == (True, True, False)
    assert third["v_commandline"] == "a\0?b"
    assert rows.table().num_rows == 0


def test_what_is_no_event_adds_nothing() -> None:
    rows = EventRows()
    with pytest.raises(ValueError, match="EventID"):
        rows.add(1, {"Event": {"System": {"EventID": "x"}}})
    assert rows.table().num_rows == 0


def test_whole_events_are_given_only_where_they_are_asked_for() -> None:
    record = {"Event": {"System": SYSTEM, "EventData": {"ImagePath": "x" * (VALUE_LIMIT + 1)}}}
    deep: dict[str, Any] = {}
    inner = deep
    for _ in range(100_000):
        inner["x"] = {}
        inner = inner["x"]
    for after, rows, unread in ((None, [], []), (0, [1, 2], [3, 4]), (2, [], [3, 4]), (9, [], [])):
        whole, piece = WholeEvents(after), Piece()
        for row in (1, 2):
            whole.add(row, record, event_of(record, UTC))
        whole.add(4, {"Event": {"System": SYSTEM, "EventData": deep}}, event_of(record, UTC))
        assert whole.miss(Reject(3, "is no record")).row == 3
        whole.finish(piece)
        whole.finish(piece)
        batch = piece.batch(4)
        assert ([] if batch.events is None else batch.events["row"].to_pylist()) == rows
        assert sorted(one.row for one in batch.unread) == unread
        assert batch.cut == len(rows)
