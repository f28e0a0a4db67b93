"""The files of a folder, or of a zip of one, in bounds; nothing is unpacked onto the disk."""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from sekisho.intel.base import FeedError

MOST_FILES = 50_000
LARGEST_FILE = 8 << 20
LARGEST_ALL = 1 << 30
"""Bytes of all files together."""


@dataclass(frozen=True, slots=True)
class File:
    """One file: its path within the folder. `content` is None where it is too large."""

    name: str
    content: bytes | None
    written: datetime | None = None

    @property
    def text(self) -> str:
        """What is no UTF-8 becomes a mark."""
        return (self.content or b"").decode("utf-8-sig", "replace")


def files(path: Path, suffixes: Collection[str]) -> Iterator[File]:
    """The files with one of these suffixes (`.yml`), by name. A link is not followed: what lies in a folder
    may lead anywhere. Raises FeedError for what is neither a folder, a zip nor one such file, and beyond
    bounds."""
    if path.is_dir():
        yield from _bounded(_folder(path, suffixes))
    elif path.is_file() and zipfile.is_zipfile(path):
        yield from _bounded(_zip(path, suffixes))
    elif path.is_file():
        yield _file(path, path.name)
    else:
        raise FeedError(f"{path} is not there", "look at `path:`")


def fingerprint(path: Path, suffixes: Collection[str]) -> tuple[str, datetime | None]:
    """A SHA-256 of all files with their names, and when the newest of them was written (aware UTC)."""
    digest, newest = hashlib.sha256(), None
    for one in files(path, suffixes):
        inner = hashlib.sha256(one.content or b"").hexdigest()
        digest.update(f"{one.name}\0{inner}\n".encode("utf-8", "surrogatepass"))
        if one.written is not None and (newest is None or one.written > newest):
            newest = one.written
    return digest.hexdigest(), newest


def _bounded(found: Iterator[File]) -> Iterator[File]:
    read = 0
    for number, one in enumerate(found):
        read += len(one.content or b"")
        if number >= MOST_FILES or read > LARGEST_ALL:
            raise FeedError(
                f"it holds more than {MOST_FILES:,} files, or {LARGEST_ALL:,} bytes",
                "take a part of it",
            )
        yield one


def _folder(root: Path, suffixes: Collection[str]) -> Iterator[File]:
    for folder, below, names in os.walk(root, onerror=_refused):
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder) / name
            if path.suffix.lower() in suffixes and not path.is_symlink() and path.is_file():
                yield _file(path, path.relative_to(root).as_posix())


def _refused(error: OSError) -> None:
    raise FeedError(f"cannot read {error.filename}: {error.strerror}", "look at `path:`")


def _file(path: Path, name: str) -> File:
    try:
        state = path.stat()
        content = path.read_bytes() if state.st_size <= LARGEST_FILE else None
    except OSError as error:
        raise FeedError(f"cannot read {path}: {error.strerror}", "look at `path:`") from None
    return File(name, content, datetime.fromtimestamp(state.st_mtime, UTC))


def _zip(path: Path, suffixes: Collection[str]) -> Iterator[File]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted(archive.infolist(), key=lambda one: one.filename)
            if len(members) > 4 * MOST_FILES:
                raise FeedError(f"an archive of {len(members):,} files", "take a part of it")
            for one in members:
                if one.is_dir() or PurePosixPath(one.filename).suffix.lower() not in suffixes:
                    continue
                with archive.open(one) as file:
                    content = file.read(LARGEST_FILE + 1)
                yield File(one.filename, content if len(content) <= LARGEST_FILE else None)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,
        NotImplementedError,
    ) as error:
        raise FeedError(f"it cannot be unpacked: {error}") from None
