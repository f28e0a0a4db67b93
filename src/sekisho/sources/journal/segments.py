"""Sealed segments: files that do not change any more, in the order in which they were written."""

from __future__ import annotations

import hashlib
import io
import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa

from sekisho.sources.compression import decompressed

SEALED, PACKED, OPEN, DAMAGED = ".journal", ".journal.zst", ".open", ".damaged"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class SealedSegment:
    """One sealed file. `name` (20 digits) is the same whether it is compressed or not, and names sort
    in the order of writing; `size` is the file's own, in bytes."""

    path: Path
    name: str
    size: int

    @property
    def begun_at(self) -> int:
        """When it was begun, microseconds UTC; later than true where the clock once went back."""
        return int(self.name)


def sealed(folder: Path) -> list[SealedSegment]:
    """All sealed segments of a folder, in order; none where there is no such folder. Raises OSError.

    What is removed while this looks is not in it.
    """
    found: dict[str, SealedSegment] = {}
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return []
    for entry in entries:
        name, dot, ending = entry.name.partition(".")
        if dot + ending not in (SEALED, PACKED) or len(name) != 20 or not name.isdecimal():
            continue
        try:
            size = entry.stat(follow_symlinks=False).st_size
        except FileNotFoundError:
            continue
        # Both are there where packing was cut short before the plain one went.
        if name not in found or dot + ending == SEALED:
            found[name] = SealedSegment(Path(entry.path), name, size)
    return [found[name] for name in sorted(found)]


def opened(segment: SealedSegment) -> BinaryIO:
    """The content of a segment, decompressed; the caller closes it. Raises OSError; reading raises
    Damaged where compressed bytes are corrupt."""
    raw = segment.path.open("rb")
    first = raw.peek(4)[:4]
    return cast(BinaryIO, decompressed(raw, first) or raw)


def content_sha256(segment: SealedSegment) -> str:
    """The hash of what is in it, the same whether it is compressed or not. Raises OSError, Damaged."""
    digest = hashlib.sha256()
    with closing(opened(segment)) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def pack(segment: SealedSegment) -> SealedSegment:
    """Compress a sealed segment with zstd; on disk when this returns, and the plain file gone.

    Killed at any moment the segment is there, once. Raises OSError.
    """
    if segment.path.name.endswith(PACKED):
        return segment
    target = segment.path.with_name(segment.name + PACKED)
    fresh = target.with_suffix(".new")
    with segment.path.open("rb") as source, fresh.open("wb") as out:
        with pa.CompressedOutputStream(pa.PythonFile(_Left(out), mode="w"), "zstd") as packed:
            while chunk := source.read(_CHUNK):
                packed.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(target)
    sync_folder(target.parent)
    segment.path.unlink()
    return SealedSegment(target, segment.name, target.stat().st_size)


class _Left(io.RawIOBase):
    """A file that whoever writes into it leaves open."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        return self._out.write(cast(bytes, data))


def sync_folder(folder: Path) -> None:
    """Put a folder's names on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
