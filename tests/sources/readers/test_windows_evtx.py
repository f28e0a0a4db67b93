"""Windows event log files: what they say, and what a broken one still says."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.sources.event_logs import CHUNK, HEADER, event, event_log

from sekisho.sources.files import open_content
from sekisho.sources.registry import by_name, detect

Reading = Callable[..., Any]
LOGON = {
    "TargetDomainName": "CORP",
    "TargetUserName": "anna",
    "LogonType": "3",
    "IpAddress": "::ffff:10.0.0.7",
    "WorkstationName": "PC7",
}


def logons(begin: int, end: int) -> list[Any]:
    return [event(4624, n, f"2024-03-01T00:{n % 60:02d}:00Z", data=LOGON) for n in range(begin, end)]


def test_a_logon_has_the_time_of_the_event_and_not_of_its_header(read_with: Reading) -> None:
    read = read_with("windows-evtx", event_log([event(4624, 9, data=LOGON)]))
    (row,) = read.logons
    assert row.pop("time").isoformat() == "2024-03-01T00:00:00.123456+00:00"
    assert row == {
        "host": "PC1.corp.example",
        "kind": "logon",
        "success": True,
        "account": "CORP\\anna",
        "logon_type": 3,
        "src": "10.0.0.7",
        "src_name": "PC7",
        "event": 4624,
        "record": 9,
        "row": 1,
    }
    assert (read.rejects, read.ignored, read.last_row, read.spans) == ([], 0, 1, [])


def test_a_cleared_log_says_so_and_who_did_it(read_with: Reading) -> None:
    who = {"SubjectUserName": "root", "SubjectDomainName": "CORP"}
    cleared = event(
        1102,
        5,
        provider="Microsoft-Windows-Eventlog",
        channel="SECURITY",
        data=who,
        user_data="LogFileCleared",
    )
    (row,) = read_with("windows-evtx", event_log([cleared])).logons
    assert (row["kind"], row["account"]) == ("log_cleared", "CORP\\root")


def test_a_corrupt_chunk_costs_its_own_records_and_leaves_a_gap(read_with: Reading) -> None:
    raw = bytearray(event_log(logons(0, 20), logons(20, 40), logons(40, 60)))
    raw[HEADER + CHUNK : HEADER + CHUNK + 8] = b"garbage!"
    read = read_with("windows-evtx", bytes(raw))
    kept = [row["record"] for row in read.logons if row["kind"] == "logon"]
    assert kept == [*range(20), *range(40, 60)]
    (gap,) = [row for row in read.logons if row["kind"] == "records_missing"]
    assert "20 records missing" in gap["detail"]
    assert "numbers 20 to 39" in gap["detail"]
    assert list(read.reasons) == [21]
    assert "cannot be read" in read.reasons[21]


def test_a_corrupt_record_costs_itself_alone(read_with: Reading) -> None:
    raw = bytearray(event_log(logons(0, 20)))
    raw[HEADER + 600 : HEADER + 640] = b"\xff" * 40
    read = read_with("windows-evtx", bytes(raw))
    assert [row["record"] for row in read.logons if row["kind"] == "logon"] == list(range(1, 20))
    assert list(read.reasons) == [1]


def test_a_file_that_is_cut_off_keeps_its_whole_chunks_and_says_so(read_with: Reading) -> None:
    raw = event_log(logons(0, 20), logons(20, 40))
    read = read_with("windows-evtx", raw[: HEADER + CHUNK + 5000])
    assert len(read.logons) == 20
    assert "cut off" in read.reasons[21]
    assert "event log" in read_with("windows-evtx", raw[:100]).reasons[1]


def test_events_of_other_numbers_and_channels_are_passed_over(read_with: Reading) -> None:
    other = event(4624, 7, channel="Application", provider="Somebody", data=LOGON)
    read = read_with("windows-evtx", event_log([event(4634, 1), event(1, 2), other]))
    assert (read.logons, read.ignored, read.rejects) == ([], 3, [])


def test_reading_on_gives_what_was_not_given_before(read_with: Reading) -> None:
    raw = event_log(logons(0, 20), logons(30, 50))
    whole = read_with("windows-evtx", raw).logons
    rest = read_with("windows-evtx", raw, first_row=15).logons
    assert rest == [row for row in whole if row["row"] >= 15]


def test_it_is_known_by_its_beginning_and_read_packed(tmp_path: Path, read_with: Reading) -> None:
    raw = event_log(logons(0, 3))
    assert detect(raw[:4096]) is by_name("windows-evtx")
    packed = tmp_path / "a.evtx.gz"
    packed.write_bytes(gzip.compress(raw))
    with open_content(packed) as stream:
        assert stream.read() == raw


def test_fields_stand_beside_the_logons(read_with: Reading) -> None:
    raw = event_log(logons(0, 2))
    read = read_with("windows-evtx", raw, fields=frozenset({"Computer", "none"}))
    assert read.logon_fields == [{"Computer": "PC1.corp.example", "none": None}] * 2


def test_records_beyond_a_false_last_number_are_read_and_told(read_with: Reading) -> None:
    honest = event_log(logons(1, 21), logons(21, 41))
    raw = bytearray(honest)
    raw[HEADER + 32 : HEADER + 40] = (5).to_bytes(8, "little")
    read = read_with("windows-evtx", bytes(raw))
    assert [row["record"] for row in read.logons] == list(range(1, 41))
    assert list(read.reasons) == [41]
    assert "15 records, numbers 6 to 20" in read.reasons[41]
    assert read_with("windows-evtx", bytes(raw), first_row=42).reasons == {}


def test_a_file_header_that_counts_too_few_chunks_hides_none(read_with: Reading) -> None:
    raw = bytearray(event_log(logons(1, 21), logons(21, 41)))
    raw[16:24] = bytes(8)
    raw[42:44] = (1).to_bytes(2, "little")
    assert len(read_with("windows-evtx", bytes(raw)).logons) == 40
