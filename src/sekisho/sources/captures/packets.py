"""Packets of a capture, many in one buffer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import numpy as np
import numpy.typing as npt

from sekisho.sources.base import Reject
from sekisho.sources.lines import Damaged

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Octets = npt.NDArray[np.uint8]

BLOCK = 4 << 20
PACKET_LIMIT = 1 << 20
"""Bytes from which a packet is none: the place is not the beginning of a record."""
PAD = 64
"""Zeros behind a buffer, so that headers of short packets can be looked at without a check for each."""

Found = tuple[int, int, int, int, int]
"""Start, captured bytes, bytes on the wire, microseconds since 1970, link type."""


@dataclass(frozen=True, slots=True)
class Packets:
    """Packet i is `data[starts[i] : ends[i]]`; `wire` is how long it was before the capture cut it."""

    data: bytes
    starts: Ints
    ends: Ints
    wire: Ints
    times: Ints
    links: Ints
    rows: Ints

    def __len__(self) -> int:
        return len(self.starts)


class Scanner(Protocol):
    """Finds packets in the bytes of a capture."""

    def scan(self, data: bytes, found: list[Found]) -> int:
        """Add the whole packets of `data` and give where the rest begins. Raises ValueError."""
        ...


def padded(data: bytes) -> Octets:
    """The bytes as numbers, with PAD zeros behind."""
    return np.frombuffer(data + bytes(PAD), dtype=np.uint8)


def packet_pieces(stream: BinaryIO, scanner: Scanner, block: int = BLOCK) -> Iterator[Packets | Reject]:
    """Packets in pieces of about `block` bytes; a Reject ends a capture that is damaged or cut off."""
    row, carry = 1, b""
    while True:
        try:
            more = stream.read(block)
        except Damaged as damage:
            yield Reject.of(row, f"{damage}; every packet before was kept", carry)
            return
        data = carry + more
        found: list[Found] = []
        fault = ""
        try:
            at = scanner.scan(data, found)
        except ValueError as error:
            fault = str(error)
        if found:
            yield _packets(data, found, row)
            row += len(found)
        if fault:
            yield Reject.of(row, f"{fault}; the rest of the capture is not read", b"")
            return
        carry = data[at:]
        if not more:
            if carry:
                yield Reject.of(
                    row, "the capture is cut off in a packet; those before were kept", carry
                )
            return


def _packets(data: bytes, found: list[Found], row: int) -> Packets:
    table = np.array(found, dtype=np.int64)
    return Packets(
        data,
        table[:, 0],
        table[:, 0] + table[:, 1],
        table[:, 2],
        table[:, 3],
        table[:, 4],
        np.arange(row, row + len(found), dtype=np.int64),
    )
