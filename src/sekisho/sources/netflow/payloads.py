"""Cutting a file of export datagrams, one behind the other, into datagrams.

v5 and IPFIX say how long they are. v9 does not: its sets are walked, and since set ids from 2 to 255 are
reserved (RFC 3954, 5.3), a 5, 9 or 10 in the place of one begins the next datagram.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from sekisho.sources.base import Reject
from sekisho.sources.lines import Damaged
from sekisho.sources.netflow.datagrams import Datagrams
from sekisho.sources.netflow.messages import HEADER_SIZES, IPFIX, V5, V5_RECORD, V9

BLOCK = 4 << 20
LARGEST = 65_507
"""Bytes of the largest UDP payload over IPv4."""
_PAIR = struct.Struct("!HH")
_ZEROS = bytes(4096)


def looks_like_exports(head: bytes) -> bool:
    """Whether content beginning with `head` is a datagram of v5, v9 or IPFIX."""
    if len(head) < 16:
        return False
    version, number = int.from_bytes(head[:2], "big"), int.from_bytes(head[2:4], "big")
    if version == V5:
        return len(head) >= HEADER_SIZES[V5] and number > 0
    if version == IPFIX:
        return number == 16 or (number >= 20 and _first_set(head, HEADER_SIZES[IPFIX], 2, number))
    return version == V9 and _first_set(head, HEADER_SIZES[V9], 0, LARGEST)


def _first_set(head: bytes, at: int, least: int, limit: int) -> bool:
    if len(head) < at + 4:
        return False
    number, size = (
        int.from_bytes(head[at : at + 2], "big"),
        int.from_bytes(head[at + 2 : at + 4], "big"),
    )
    return (number in (least, least + 1) or number >= 256) and 4 <= size <= limit - at


def payload_pieces(stream: BinaryIO, block: int = BLOCK) -> Iterator[Datagrams | Reject]:
    """Datagrams in pieces of about `block` bytes, and a Reject for what is none.

    Their exporter is not known and is called ''. After bytes that begin no datagram nothing more can be
    told apart: the file ends there, with a Reject.
    """
    row, carry, last = 1, b"", False
    while not last:
        try:
            more = stream.read(block)
        except Damaged as damage:
            yield Reject.of(row, f"{damage}; everything before this datagram was kept", carry)
            return
        last = not more
        data = carry + more
        bounds, at = _cut(data, last=last)
        if bounds:
            yield _piece(data, bounds, row)
            row += len(bounds)
        carry = data[at:]
        # A datagram is whole once this many bytes are there: then it is none.
        if carry and (last or len(carry) > LARGEST + 4):
            yield Reject.of(row, _why(carry), carry)
            return


def _why(rest: bytes) -> str:
    if len(rest) >= 2 and _PAIR.size <= len(rest) and _PAIR.unpack_from(rest)[0] in HEADER_SIZES:
        return "the datagram is cut off; everything before it was kept"
    return "no datagram of NetFlow v5, v9 or IPFIX begins here; the rest of the file is not read"


def _cut(data: bytes, *, last: bool) -> tuple[list[tuple[int, int]], int]:
    """(start, end) of the whole datagrams, and where the first one begins that is not."""
    bounds: list[tuple[int, int]] = []
    at = 0
    while True:
        at = _past_zeros(data, at, last=last)
        end = _end(data, at, last=last)
        if end <= at:
            return bounds, at
        bounds.append((at, end))
        at = end


def _past_zeros(data: bytes, at: int, *, last: bool) -> int:
    """Where what fills a datagram up ends; no datagram begins with a zero pair, the version is one."""
    while data[at : at + 2] == b"\0\0":
        step = len(_ZEROS) if data[at : at + len(_ZEROS)] == _ZEROS else 2
        at += step
    return len(data) if last and data[at:] == b"\0" else at


def _end(data: bytes, at: int, *, last: bool) -> int:
    """Where the datagram at `at` ends; `at` itself where that cannot be told or it is none."""
    room = len(data) - at
    if room < 16:
        return at
    version, number = _PAIR.unpack_from(data, at)
    if version == IPFIX:
        size = max(number, HEADER_SIZES[IPFIX])
        return at + (size if size <= room else room if last else 0)
    if version == V5 and room >= HEADER_SIZES[V5]:
        size = min(HEADER_SIZES[V5] + number * V5_RECORD, LARGEST)
        return at + (size if size <= room else room if last else 0)
    if version == V9 and room >= HEADER_SIZES[V9]:
        return _end_of_sets(data, at, last=last)
    return at


def _end_of_sets(data: bytes, at: int, *, last: bool) -> int:
    place = at + HEADER_SIZES[V9]
    limit = at + LARGEST
    while True:
        if len(data) - place < 4:
            whole = last or place + 4 > limit
            return len(data) if last and len(data) <= limit else place if whole else at
        number, size = _PAIR.unpack_from(data, place)
        if number in HEADER_SIZES or size < 4 or place + size > limit:
            return place
        if place + size > len(data):
            return len(data) if last else at
        place += size


def _piece(data: bytes, bounds: list[tuple[int, int]], row: int) -> Datagrams:
    table = np.array(bounds, dtype=np.int64)
    count = len(bounds)
    nothing = np.zeros(count, dtype=np.int64)
    return Datagrams(
        data,
        table[:, 0],
        table[:, 1] - table[:, 0],
        nothing,
        ("",),
        nothing,
        np.arange(row, row + count, dtype=np.int64),
    )
