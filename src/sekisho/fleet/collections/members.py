"""The files of one collection, in a ZIP or in a folder, each read as it streams past.

Nothing is unpacked to disk, no name from within names anything outside, and links are not followed. Sizes are
bounded as they are read: what a ZIP says of itself is not believed. Source: PKWARE's APPNOTE 6.3.
"""

from __future__ import annotations

import io
import lzma
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import unquote

from sekisho.fleet.collections.base import Collection

MOST_MEMBERS = 50_000
MAX_DIRECTORY = 16 << 20
MAX_MEMBER = 256 << 20
"""Bytes of a member that is held whole."""
MAX_ALL = 32 << 30
"""Bytes that may come out of one collection."""
MAX_RATIO = 500
_FREE = 1 << 20
"""So much may come out of a member whatever went in."""
BLOCK = 1 << 18
_ENCRYPTED = 0x1
"""General purpose bit 0 (APPNOTE 4.4.4)."""
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Others ask for as much memory as the file says before they give a byte."""
_TAIL = (1 << 16) + 22 + 20 + 56
BROKEN = (
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    RuntimeError,
    OSError,
    EOFError,
)
"""What a member that is broken, packed in a way that is not known, or encrypted raises."""
BOMB = "unpacks to more than is believed: a bomb, or too large"


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a collection. `name` is its path there, with `/`; `number` counts from 1; `blocks` are its
    bytes, and raise one of BROKEN where they cannot be read, or are too many."""

    number: int
    name: str
    blocks: Callable[[], Iterator[bytes]]

    def content(self, most: int = MAX_MEMBER) -> bytes:
        """All of it. Raises one of BROKEN."""
        parts: list[bytes] = []
        size = 0
        for block in self.blocks():
            size += len(block)
            if size > most:
                raise ValueError(f"is larger than {most >> 20} MiB")
            parts.append(block)
        return b"".join(parts)


def names(stream: BinaryIO) -> Sequence[str]:
    """Names of a ZIP's members; none where it is broken, or has too many."""
    try:
        if directory(stream) > MAX_DIRECTORY:
            return ()
        with zipfile.ZipFile(stream) as archive:
            return archive.namelist()
    # zipfile raises NotImplementedError for versions it cannot read, ValueError for names that are no text.
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return ()
    finally:
        stream.seek(0)


@contextmanager
def of_zip(stream: BinaryIO, found: Collection) -> Iterator[Sequence[Member]]:
    """The members of a ZIP; what is none of them is set aside. They can be read while this is open."""
    try:
        if directory(stream) > MAX_DIRECTORY:
            found.leave(0, "has a list of members that is too long")
            yield ()
            return
        archive = zipfile.ZipFile(stream)
    # As above; here it is told.
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        found.leave(0, f"is no whole ZIP: {str(error)[:200]}")
        yield ()
        return
    with archive:
        listed = archive.infolist()
        if len(listed) > MOST_MEMBERS:
            found.leave(0, f"has more than {MOST_MEMBERS:,} members")
            listed = []
        left = [MAX_ALL]
        members: list[Member] = []
        for number, info in enumerate(listed, 1):
            name = unquote(info.filename.replace("\\", "/"))
            if not name:
                found.leave(number, "has no name")
            elif (
                name.startswith("/") or ".." in PurePosixPath(name).parts or re.match("[A-Za-z]:", name)
            ):
                found.leave(number, "has a name that leads out of the collection")
            elif stat.S_ISLNK(info.external_attr >> 16):
                found.leave(number, "is a link: it is not followed")
            elif info.compress_type not in _PACKED:
                found.leave(number, "is packed in a way that is not taken: pack it with deflate")
            elif not info.is_dir():
                members.append(Member(number, name, _packed(archive, info, left)))
        yield members


@contextmanager
def of_folder(root: Path, found: Collection) -> Iterator[Sequence[Member]]:
    """The files below a folder, by name; links and what is no plain file are set aside. `number` is the place
    among all of them."""
    members: list[Member] = []
    number = 0
    for place, folders, files in os.walk(root, followlinks=False):
        folders.sort()
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        for name in sorted((*files, *links)):
            number += 1
            path = Path(place) / name
            if path.is_symlink():
                found.leave(number, f"{_shown(path.relative_to(root))} is a link: it is not followed")
            elif not path.is_file():
                found.leave(number, f"{_shown(path.relative_to(root))} is no plain file")
            elif number <= MOST_MEMBERS:
                members.append(Member(number, _shown(path.relative_to(root)), _plain(path)))
    if number > MOST_MEMBERS:
        found.leave(0, f"has more than {MOST_MEMBERS:,} files: the others were not looked at")
    yield members


@contextmanager
def of_file(path: Path) -> Iterator[Sequence[Member]]:
    """One file that a person named; a link that he named is followed."""
    yield (Member(1, _shown(Path(path.name)), _plain(path.resolve())),)


def directory(stream: BinaryIO) -> int:
    """Bytes of a ZIP's list of members, which is read whole; 0 where there is none (APPNOTE 4.3.14, 4.3.16)."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - _TAIL))
    tail = stream.read()
    stream.seek(0)
    end = tail.rfind(b"PK\5\6")
    if end < 0 or end + 22 > len(tail):
        return 0
    length: int = struct.unpack_from("<I", tail, end + 12)[0]
    large = tail.rfind(b"PK\6\6", 0, end)
    if large >= 0 and large + 48 <= len(tail):
        length = max(
            0 if length == 0xFFFFFFFF else length, struct.unpack_from("<Q", tail, large + 40)[0]
        )
    return length


def _shown(path: Path) -> str:
    """A path as text that can be kept: names are bytes, and need not be text."""
    return path.as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _packed(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: list[int]
) -> Callable[[], Iterator[bytes]]:
    def blocks() -> Iterator[bytes]:
        if info.flag_bits & _ENCRYPTED:
            raise ValueError("is encrypted: unpack it with its password, and import the folder")
        most = max(_FREE, info.compress_size * MAX_RATIO)
        size = 0
        with archive.open(info) as stream:
            while block := stream.read(BLOCK):
                size += len(block)
                left[0] -= len(block)
                if size > most or left[0] < 0:
                    raise ValueError(BOMB)
                yield block

    return blocks


def _plain(path: Path) -> Callable[[], Iterator[bytes]]:
    def blocks() -> Iterator[bytes]:
        # What was a file when it was listed may be a link by now.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as stream:
            while block := stream.read(BLOCK):
                yield block

    return blocks
