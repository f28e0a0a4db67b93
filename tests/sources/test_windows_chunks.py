"""What chunks of event logs leave out is found, and what cannot be read of it is counted."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sources.event_logs import CHUNK, HEADER, event, event_log

from sekisho.sources.windows_chunks import open_up

RAW = event_log([event(4624, n) for n in range(1, 11)], [event(4624, n) for n in range(11, 21)])
LAST, FREE = 32, 48


def starts(raw: bytes, chunk: int = 0) -> list[int]:
    """Where the records of a chunk begin, in the file."""
    begin = HEADER + chunk * CHUNK
    found, place = [], begin + 512
    while raw[place : place + 4] == b"**\0\0":
        found.append(place)
        place += struct.unpack_from("<I", raw, place + 4)[0]
    return found


def opened(raw: bytes) -> tuple[bytes, list[str]]:
    copy = io.BytesIO(raw)
    told = open_up(copy)
    return copy.getvalue(), told


def test_an_honest_file_stays_as_it_is() -> None:
    assert opened(RAW) == (RAW, [])


@pytest.mark.parametrize("by", ["last", "free", "both"])
def test_a_header_that_ends_too_early_is_set_right(by: str) -> None:
    raw = bytearray(RAW)
    if by != "free":
        raw[HEADER + LAST : HEADER + LAST + 8] = struct.pack("<Q", 4)
    if by != "last":
        raw[HEADER + FREE : HEADER + FREE + 4] = struct.pack("<I", starts(RAW)[4] - HEADER)
    mended, told = opened(bytes(raw))
    assert mended == RAW
    assert told == ["chunk 1 says that it ends before 6 records, numbers 5 to 10: all read"]


def test_a_record_that_swallows_others_is_told() -> None:
    raw = bytearray(RAW)
    third, sixth = starts(RAW)[2], starts(RAW)[5]
    size = struct.pack("<I", sixth - third)
    raw[third + 4 : third + 8] = size
    raw[sixth - 4 : sixth] = size
    _, told = opened(bytes(raw))
    # The fifth's own end was written over with the false size.
    assert told == ["chunk 1 hides a record, number 4 behind a record whose size is false: not read"]


def test_what_a_buffer_held_before_is_no_part_of_the_log() -> None:
    old = bytearray(RAW[starts(RAW)[0] : starts(RAW)[1]])
    free = struct.unpack_from("<I", RAW, HEADER + CHUNK + FREE)[0]
    for place, number in ((free, 1), (free, 99), (free + 40, 1), (free + 40, 99)):
        old[8:16] = struct.pack("<Q", number)
        left = bytearray(RAW)
        left[HEADER + CHUNK + place : HEADER + CHUNK + place + len(old)] = old
        assert opened(bytes(left)) == (bytes(left), [])
    old[8:16] = struct.pack("<Q", 21)
    goes_on = bytearray(RAW)
    goes_on[HEADER + CHUNK + free : HEADER + CHUNK + free + len(old)] = old
    assert opened(bytes(goes_on))[1] == [
        "chunk 2 says that it ends before a record, number 21: all read"
    ]


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.integers(0, 9000), st.binary(max_size=8)), max_size=6), st.integers(0, 6000)
)
def test_nothing_breaks_it(changes: list[tuple[int, bytes]], cut: int) -> None:
    raw = bytearray(RAW)
    for place, new in changes:
        raw[place : place + len(new)] = new
    mended, told = opened(bytes(raw[: len(raw) - cut]))
    assert len(mended) == len(raw) - cut
    assert len(told) <= 6


def test_real_logs_hide_what_is_made_to_be_hidden(shared_data: Path) -> None:
    hid = 0
    for path in sorted(shared_data.glob("events/evtx-cc0/*.evtx")):
        raw = bytearray(path.read_bytes())
        honest, _ = opened(bytes(raw))
        records = starts(raw)
        if len(records) < 3:
            continue
        raw[HEADER + LAST : HEADER + LAST + 8] = raw[records[1] + 8 : records[1] + 16]
        mended, told = opened(bytes(raw))
        assert mended == honest, path
        assert any("that it ends before" in one for one in told), path
        hid += 1
    assert hid
