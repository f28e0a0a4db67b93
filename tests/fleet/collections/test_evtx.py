from __future__ import annotations

import io
import struct
from pathlib import Path

from tests.sources.event_logs import CHUNK, HEADER, event, event_log

from sekisho.fleet.checks.log_cleared import LogCleared
from sekisho.fleet.checks.other_logs import OtherLogs
from sekisho.fleet.collections.base import Gathered
from sekisho.fleet.collections.evtx import OTHERS, TABLE, is_evtx, read


def test_it_is_known_by_its_magic() -> None:
    assert is_evtx(b"ElfFile\0...")
    assert not is_evtx(b"PK")


def test_what_is_broken_is_set_aside() -> None:
    found = read(io.BytesIO(b"ElfFile\0" + b"\0" * 5000))
    assert found.machines == {}
    assert "no record" in found.notes[-1]
    assert read(io.BytesIO(b"ElfFile\0")).aside


def test_a_real_log_that_was_cleared(shared_data: Path) -> None:
    cleared = 0
    for path in sorted((shared_data / "events").rglob("*.evtx")):
        with path.open("rb") as stream:
            found = read(io.BytesIO(stream.read()))
        for who, tables in found.machines.values():
            assert who.hostname
            for row in tables[TABLE].rows if TABLE in tables else ():
                cleared += row["what"] == "cleared"
    assert cleared >= 1


def tables(raw: bytes) -> dict[str, Gathered]:
    ((_, found),) = read(io.BytesIO(raw)).machines.values()
    return found


def test_logs_that_were_cleared_by_whom_and_which() -> None:
    security = event(1102, 1, data={"SubjectUserName": "eve"}, user_data="LogFileCleared")
    found = tables(event_log([security, event(4624, 2), event(4624, 5)]))
    cleared, missing = LogCleared().judge({TABLE: found[TABLE].rows})
    assert cleared == "the Security log was cleared at 2024-03-01T00:00:00.123456+00:00 by eve"
    assert "2 records missing" in missing
    of = {"SubjectUserName": "eve", "Channel": "Microsoft-Windows-Sysmon/Operational"}
    system = event(104, 1, channel="System", data=of, user_data="LogFileCleared")
    found = tables(event_log([system]))
    (told,) = OtherLogs().judge({OTHERS: found[OTHERS].rows})
    assert told.startswith("the Microsoft-Windows-Sysmon/Operational log was cleared at 2024")


def test_an_honest_log_is_clean_and_one_that_is_damaged_is_not() -> None:
    raw = event_log([event(4624, n) for n in range(1, 11)], [event(4624, n) for n in range(11, 21)])
    honest = tables(raw)[TABLE]
    assert (honest.rows, honest.whole) == ([], True)
    cut = tables(raw[: HEADER + CHUNK + 1000])[TABLE]
    assert not cut.whole
    assert "could not be read" in cut.why


def test_records_that_were_taken_out_of_sight_are_found() -> None:
    raw = bytearray(event_log([event(4624, n) for n in range(1, 11)]))
    starts, place = [], HEADER + 512
    while raw[place : place + 4] == b"**\0\0":
        starts.append(place)
        place += struct.unpack_from("<I", raw, place + 4)[0]
    size = struct.pack("<I", starts[5] - starts[2])
    raw[starts[2] + 4 : starts[2] + 8] = size
    raw[starts[5] - 4 : starts[5]] = size
    found = list(LogCleared().judge({TABLE: tables(bytes(raw))[TABLE].rows}))
    assert any("hides a record, number 4" in text for text in found)
