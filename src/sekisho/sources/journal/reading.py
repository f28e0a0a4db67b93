"""A segment's records as columns, in blocks. Damage costs what it hit, and is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from zlib import crc32

import numpy as np
import numpy.typing as npt

from sekisho.sources.journal.framing import (
    BEGIN,
    CHECKED_FROM,
    HEAD,
    MAGIC,
    MARKER,
    PAYLOAD_LIMIT,
    Kind,
    peer_text,
    salt_of,
)
from sekisho.sources.lines import Damaged
from sekisho.sources.netflow.datagrams import Datagrams, Ints, gathered

BLOCK = 4 << 20
"""Bytes read at once; a block holds at most that and one record."""
CHECKED_IN_VAIN = 64 << 20
"""Bytes whose CRC may be wrong before a segment's damage is looked through no more: one that somebody
made of nothing but beginnings of records would be checked for hours."""
_HEAD = np.dtype([
    ("marker", "S4"), ("check", "<u4"), ("size", "<u4"), ("port", "<u2"), ("kind", "u1"), ("zero", "u1"),
    ("arrival", "<i8"), ("peer", "V16"),
])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes of the content that hold no whole record; `size` is None where nobody knows how many."""

    offset: int
    size: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Records:
    """Records of a segment in the order in which they arrived.

    Payload i is `data[starts[i] : starts[i] + sizes[i]]`. `peers[i]` is a place in `names`, addresses as
    text. `arrivals` are microseconds UTC since 1970, `rows` the records' numbers in the segment from 1.
    `end` is where in the content the last whole record so far ends.
    """

    data: bytes
    kinds: npt.NDArray[np.uint8]
    starts: Ints
    sizes: Ints
    peers: Ints
    names: list[str]
    ports: Ints
    arrivals: Ints
    rows: Ints
    end: int
    damage: tuple[Damage, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.starts)

    def payload(self, index: int) -> bytes:
        """One payload."""
        start = int(self.starts[index])
        return self.data[start : start + int(self.sizes[index])]

    def datagrams(self) -> Datagrams:
        """Those that are datagrams, as the decoders take them; nothing is copied but the columns."""
        mine = np.flatnonzero(self.kinds == Kind.DATAGRAM)
        return Datagrams(
            self.data,
            self.starts[mine],
            self.sizes[mine],
            self.peers[mine],
            self.names,
            self.arrivals[mine],
            self.rows[mine],
        )


def read_segment(stream: BinaryIO, block: int = BLOCK) -> Iterator[Records]:
    """The records of a segment's content (see `segments.opened`), in blocks of about `block` bytes.

    Whatever the bytes are, every whole record that can be found is given, and what lies between is named
    in the `damage` of the block that comes after it; a block may hold nothing else. What is missing from
    the end, cut between two records, shows only in the content's hash. Raises OSError alone.
    """
    reader = _Reader(stream, block)
    yield from reader.blocks()


class _Reader:
    def __init__(self, stream: BinaryIO, block: int) -> None:
        self._stream = stream
        self._block = block
        self._data = b""
        self._offset = 0
        self._row = 1
        self._whole = 0
        self._bad: int | None = None
        self._damage: list[Damage] = []
        self._over = False
        self._cut = ""
        self._in_vain = 0

    def blocks(self) -> Iterator[Records]:
        self._more()
        while len(self._data) < BEGIN and not self._over:
            self._more()
        salt = salt_of(self._data[:BEGIN])
        if salt is None or len(self._data) < BEGIN:
            yield self._unreadable()
            return
        if not self._data.startswith(MAGIC):
            self._damage.append(Damage(0, len(MAGIC), "the first bytes are not those of a segment"))
        self._whole, at = BEGIN, BEGIN
        while True:
            places, at = self._scan(salt, at)
            if places or self._damage:
                yield self._records(places)
            if self._over:
                return
            self._data, self._offset = self._data[at:], self._offset + at
            at = 0
            self._more()

    def _more(self) -> None:
        try:
            piece = self._stream.read(self._block)
        except Damaged as damage:
            piece, self._cut = b"", str(damage)
        self._over = not piece
        self._data += piece

    def _unreadable(self) -> Records:
        size = len(self._data)
        while not self._over:
            self._data = b""
            self._more()
            size += len(self._data)
        reason = self._cut or "the segment's header is damaged"
        self._data = b""
        self._damage.append(Damage(0, None if self._cut else size, reason))
        return self._records([])

    def _scan(self, salt: int, at: int) -> tuple[list[int], int]:
        """Where whole records begin, and how far all is said of the bytes."""
        data, places = self._data, []
        view, size, end, head = memoryview(data), len(data), HEAD.size, HEAD.unpack_from
        while at + end <= size:
            marker, check, held, *_ = head(data, at)
            if marker == MARKER and held <= PAYLOAD_LIMIT and self._in_vain <= CHECKED_IN_VAIN:
                following = at + end + held
                if following > size:
                    if not self._over:
                        break
                elif crc32(view[at + CHECKED_FROM : following], salt) == check:
                    if self._bad is not None:
                        self._tell(at, "bytes between whole records are damaged")
                    places.append(at)
                    at = following
                    self._whole = self._offset + at
                    continue
                else:
                    self._in_vain += held
            if self._bad is None:
                self._bad = self._offset + at
            found = data.find(MARKER, at + 1)
            at = found if found >= 0 else max(at + 1, size - len(MARKER) + 1)
        if self._over:
            if self._bad is None and at < size:
                self._bad = self._offset + at
            if self._bad is not None:
                self._tell(size, self._cut or "the last record is not whole")
            elif self._cut:
                self._damage.append(Damage(self._offset + size, None, self._cut))
        return places, at

    def _tell(self, at: int, reason: str) -> None:
        assert self._bad is not None  # noqa: S101
        size = None if self._cut and reason == self._cut else self._offset + at - self._bad
        self._damage.append(Damage(self._bad, size, reason))
        self._bad = None

    def _records(self, places: list[int]) -> Records:
        starts = np.array(places, dtype=np.int64)
        heads = gathered(np.frombuffer(self._data, dtype=np.uint8), starts, HEAD.size, _HEAD)
        known: dict[bytes, int] = {}
        peers = [known.setdefault(peer, len(known)) for peer in heads["peer"].tolist()]
        damage, self._damage = tuple(self._damage), []
        first = self._row
        self._row += len(places)
        return Records(
            self._data,
            heads["kind"],
            starts + HEAD.size,
            heads["size"].astype(np.int64),
            np.array(peers, dtype=np.int64),
            [peer_text(peer) for peer in known],
            heads["port"].astype(np.int64),
            heads["arrival"].astype(np.int64),
            np.arange(first, self._row, dtype=np.int64),
            self._whole,
            damage,
        )
