"""Bytes that a crash left at the end of the ledger: set aside, then recorded, never dropped.

They were never acknowledged, so they are no entry; they may still tell what was being done. A side
file is `pending` until an entry of kind `ledger.torn` names it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sekisho.ledger.head import sync_folder

KIND = "ledger.torn"
_PENDING, _RECORDED = ".pending", ".torn"
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Torn:
    """Bytes set aside: where they stood in the ledger, and the file they are in now."""

    offset: int
    size: int
    sha256: str
    path: Path

    @property
    def body(self) -> dict[str, object]:
        """What the entry that records it says."""
        name = self.path.with_suffix(_RECORDED).name
        return {"file": name, "offset": self.offset, "sha256": self.sha256, "size": self.size}


def set_aside(folder: Path, file: int, start: int, end: int) -> None:
    """Copy the bytes from `start` to `end` of an open file to a side file, on disk when this returns;
    the caller then cuts the ledger. Raises OSError."""
    folder.mkdir(mode=0o700, exist_ok=True)
    fresh = folder / f"{start:020d}.new"
    digest = hashlib.sha256()
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        position = start
        while chunk := os.pread(file, min(_CHUNK, end - position), position):
            digest.update(chunk)
            position += len(chunk)
            view = memoryview(chunk)
            while view:
                view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.replace(folder / f"{start:020d}-{digest.hexdigest()[:16]}{_PENDING}")
    sync_folder(folder)
    sync_folder(folder.parent)


def pending(folder: Path) -> Iterator[Torn]:
    """Side files that no entry names yet, in the order of their places in the ledger."""
    for path in sorted(folder.glob(f"*{_PENDING}")):
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        yield Torn(int(path.name.partition("-")[0]), path.stat().st_size, digest, path)


def recorded(torn: Torn) -> None:
    """An entry names it now."""
    torn.path.replace(torn.path.with_suffix(_RECORDED))
    sync_folder(torn.path.parent)
