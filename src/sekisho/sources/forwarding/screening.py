"""Looking through a segment that arrived before it counts: it is what its hash says, and the site's own.

A collector may deliver records of its own exporters alone. The others are taken out and counted: one
forged datagram must not hold up a site's records, and none of them gets as far as the lake.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import numpy.typing as npt

from sekisho.sources.compression import ZSTD, Unzstd
from sekisho.sources.forwarding.wire import MOST_NAMED
from sekisho.sources.journal.framing import BEGIN, HEAD, Kind, header, salt_of
from sekisho.sources.journal.reading import Records, read_segment
from sekisho.sources.lines import Damaged

LARGEST_SEGMENT = 256 << 20
"""Bytes of a segment as it is sent."""
LARGEST_CONTENT = 256 << 20
"""Bytes of a segment's content; a journal seals one at a quarter of that."""


class Unacceptable(Exception):
    """What arrived is not what it says it is; sent again from the start it may be."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Screened:
    """A segment that may count. `file` holds the site's own records; None where there are none.

    `foreign` counts by exporter, the first `MOST_NAMED` of them; `foreign_records` counts all.
    """

    file: Path | None
    packed: bool
    records: int
    foreign_records: int = 0
    foreign: dict[str, int] = field(default_factory=dict)


def screen(part: Path, sha256: str, exporters: frozenset[str], *, own: Path) -> Screened:
    """Look through the file `part`, whose content has this hash; durable when it returns.

    `exporters` are addresses as JSON shows them. Where there are records of others, `own` is written
    beside with the rest. Raises Unacceptable, OSError.
    """
    own.unlink(missing_ok=True)
    with part.open("rb") as raw:
        os.fsync(raw.fileno())
        packed = raw.peek(4)[:4] == ZSTD
        content = _Content(raw, packed=packed)
        counted = _Counted(exporters)
        for block in read_segment(cast(BinaryIO, content)):
            counted.add(block)
        try:
            content.drain()
        except Damaged as damage:
            raise Unacceptable("hash", str(damage)) from damage
    if content.sha256 != sha256:
        raise Unacceptable("hash", f"the content's SHA-256 is {content.sha256}")
    if not counted.records:
        raise Unacceptable("no_segment", "the content holds no record of a journal")
    mine = counted.records - counted.foreign_records
    if not counted.foreign_records:
        return Screened(part, packed=packed, records=mine)
    if mine:
        _write_own(part, own, exporters, packed=packed)
    file = own if mine else None
    return Screened(
        file,
        packed=False,
        records=mine,
        foreign_records=counted.foreign_records,
        foreign=counted.foreign,
    )


class _Content(io.RawIOBase):
    """A segment's content, hashed as it is read and bounded."""

    def __init__(self, raw: BinaryIO, *, packed: bool) -> None:
        self._raw: BinaryIO | Unzstd = Unzstd(raw) if packed else raw
        self._hash = hashlib.sha256()
        self._size = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._raw.read(size)
        self._size += len(data)
        if self._size > LARGEST_CONTENT:
            raise Unacceptable("too_large", f"the content is over {LARGEST_CONTENT} bytes")
        self._hash.update(data)
        return data

    def drain(self) -> None:
        """Read what the segment's reader left, so that the hash is of everything."""
        while self.read(1 << 20):
            pass

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


class _Counted:
    """Records, and those of exporters that are not the site's."""

    def __init__(self, exporters: frozenset[str]) -> None:
        self._exporters = exporters
        self.records = 0
        self.foreign_records = 0
        self.foreign: dict[str, int] = {}

    def add(self, block: Records) -> None:
        self.records += len(block)
        strange = ~own_records(block, self._exporters)
        if not strange.any():
            return
        self.foreign_records += int(strange.sum())
        counts = np.bincount(block.peers[strange], minlength=len(block.names))
        for place in np.flatnonzero(counts).tolist():
            name = block.names[place]
            if name in self.foreign or len(self.foreign) < MOST_NAMED:
                self.foreign[name] = self.foreign.get(name, 0) + int(counts[place])


def own_records(block: Records, exporters: frozenset[str]) -> npt.NDArray[np.bool_]:
    """Which records are of these exporters, or are the listener's own notes of what it lost."""
    known = np.array([name in exporters for name in block.names], dtype=np.bool_)
    return np.asarray(known[block.peers] | (block.kinds == Kind.DROPPED))


def _write_own(part: Path, own: Path, exporters: frozenset[str], *, packed: bool) -> None:
    with part.open("rb") as raw, own.open("wb") as out:
        content = cast(BinaryIO, Unzstd(raw) if packed else raw)
        begin = content.read(BEGIN)
        salt = salt_of(begin)
        # Records are checked with the salt of their segment: the copy has the same.
        out.write(header(salt or 0))
        for block in read_segment(cast(BinaryIO, _Again(begin, content))):
            for first, last in _runs(block, own_records(block, exporters)):
                out.write(memoryview(block.data)[first:last])
        out.flush()
        os.fsync(out.fileno())


class _Again(io.RawIOBase):
    """A stream whose first bytes were read already."""

    def __init__(self, begin: bytes, rest: BinaryIO) -> None:
        self._begin = begin
        self._rest = rest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self._begin:
            begin, self._begin = self._begin, b""
            return begin
        return self._rest.read(size)


def _runs(block: Records, own: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Stretches of bytes that hold nothing but own records, each with its head."""
    begins = (block.starts - HEAD.size)[own].tolist()
    ends = (block.starts + block.sizes)[own].tolist()
    first = last = -1
    for begin, end in zip(begins, ends, strict=True):
        if begin != last:
            if first >= 0:
                yield first, last
            first = begin
        last = end
    if first >= 0:
        yield first, last
