"""Records of an event log file that its chunks' own headers leave out.

A chunk says which record is its last and where its free space begins, and decoders believe it. Logs copied
from a running system say less than they hold; tools that take records out write it on purpose, or make the
record before them longer. Records are found by their signature and by the size that stands at both their ends.
Source: Joachim Metz's description of the format; EventLogEdit as Fox-IT described it (2017).
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import BinaryIO

FILE_HEADER, CHUNK, CHUNK_HEADER = 4096, 65_536, 512
MOST_TOLD = 1000
"""Chunks that are told of; what others hide is read all the same."""
HIDES = "hides"
"""In a sentence of records that somebody took out of sight, and that no decoder comes to."""
ALL_READ = ": all read"
"""At the end of a sentence by which nothing is missing."""
_MAGIC = b"ElfChnk\0"
_LAST, _FREE = 32, 48
_SIGNATURE = re.compile(rb"\*\*\0\0")
_HEAD = struct.Struct("<4sIQ")
_SMALLEST = 28


@dataclass(frozen=True, slots=True)
class _Record:
    begin: int
    size: int
    number: int


def open_up(copy: BinaryIO) -> list[str]:
    """Make every chunk's header say what the chunk holds, in a copy that is ours.

    What headers left out and what no decoder comes to even so, a sentence for each chunk.
    """
    told: list[str] = []
    place = FILE_HEADER
    while True:
        copy.seek(place)
        chunk = copy.read(CHUNK)
        if len(chunk) < CHUNK_HEADER:
            return told
        if chunk.startswith(_MAGIC):
            number = (place - FILE_HEADER) // CHUNK + 1
            last, free, sentences = _looked_at(chunk, number)
            copy.seek(place + _LAST)
            copy.write(struct.pack("<Q", last))
            copy.seek(place + _FREE)
            copy.write(struct.pack("<I", free))
            told += sentences[: max(0, MOST_TOLD - len(told))]
        place += CHUNK


def _looked_at(chunk: bytes, number: int) -> tuple[int, int, list[str]]:
    """The last record's number and where free space begins, as they are, and what is to be told."""
    said_last = struct.unpack_from("<Q", chunk, _LAST)[0]
    said_free = struct.unpack_from("<I", chunk, _FREE)[0]
    whole = {
        one.begin: one
        for found in _SIGNATURE.finditer(chunk, CHUNK_HEADER)
        if (one := _record(chunk, found.start())) is not None
    }
    reached, shown, end = _followed(chunk, whole, said_last, said_free)
    last, free = said_last, said_free
    sentences = []
    if left := reached[shown:]:
        last, free = left[-1].number, max(said_free, end)
        sentences.append(f"chunk {number} says that it ends before {_these(left)}{ALL_READ}")
    begun = {one.begin for one in reached}
    if hidden := [one for one in whole.values() if one.begin not in begun and one.begin < free]:
        sentences.append(
            f"chunk {number} {HIDES} {_these(hidden)} behind a record whose size is false: not read"
        )
    return last, free, sentences


def _followed(
    chunk: bytes, whole: dict[int, _Record], said_last: int, said_free: int
) -> tuple[list[_Record], int, int]:
    """Records from one to the next, how many of them the header admits, and where they end."""
    reached: list[_Record] = []
    shown: int | None = None
    place = CHUNK_HEADER
    while place + _HEAD.size <= len(chunk):
        signature, size, number = _HEAD.unpack_from(chunk, place)
        if signature != b"**\0\0" or size < _SMALLEST:
            break
        before = reached[-1].number if reached else number - 1
        if place >= said_free:
            shown = len(reached) if shown is None else shown
            # Exports leave there what their buffer held before, whole records among it: that is no part of
            # the log, and its numbers do not go on with the last.
            if place not in whole or number != before + 1:
                break
        elif shown is not None and (place not in whole or number <= before):
            break
        reached.append(_Record(place, size, number))
        if number == said_last and shown is None:
            shown = len(reached)
        place += size
    return reached, len(reached) if shown is None else shown, place


def _record(chunk: bytes, begin: int) -> _Record | None:
    if begin + _HEAD.size > len(chunk):
        return None
    _, size, number = _HEAD.unpack_from(chunk, begin)
    end = begin + size
    if size < _SMALLEST or end > len(chunk) or chunk[end - 4 : end] != chunk[begin + 4 : begin + 8]:
        return None
    return _Record(begin, size, number)


def _these(records: list[_Record]) -> str:
    numbers = sorted(one.number for one in records)
    if len(numbers) == 1:
        return f"a record, number {numbers[0]}"
    return f"{len(numbers)} records, numbers {numbers[0]} to {numbers[-1]}"
