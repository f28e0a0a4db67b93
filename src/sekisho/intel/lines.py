"""Text by the line, in bounds, also out of a zip or gzip."""

from __future__ import annotations

import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from sekisho.intel.base import LARGEST_LINES, FeedError

LONGEST_LINE = 65_536


def lines(path: Path, largest: int = LARGEST_LINES) -> Iterator[str]:
    """Lines without their ends. What is no UTF-8 becomes a mark. Raises FeedError for over `largest` bytes
    of text, a line that does not end, or an archive of several files."""
    read = 0
    with ExitStack() as stack:
        file = _opened(stack, path)
        try:
            while line := file.readline(LONGEST_LINE + 1):
                read += len(line)
                if read > largest:
                    raise FeedError(f"over {largest:,} bytes of text", "ask for a part of it")
                if len(line) > LONGEST_LINE:
                    raise FeedError(f"a line of over {LONGEST_LINE:,} bytes: it is no list or table")
                yield line.decode("utf-8-sig" if read == len(line) else "utf-8", "replace").rstrip(
                    "\r\n"
                )
        except (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
            raise FeedError(f"it cannot be unpacked: {error}") from None


def _opened(stack: ExitStack, path: Path) -> IO[bytes]:
    plain = stack.enter_context(path.open("rb"))
    start = plain.read(4)
    plain.seek(0)
    if start.startswith(b"\x1f\x8b"):
        return stack.enter_context(io.BufferedReader(gzip.GzipFile(fileobj=plain)))
    if start != b"PK\x03\x04":
        return plain
    try:
        archive = stack.enter_context(zipfile.ZipFile(plain))
        members = [one for one in archive.infolist() if not one.is_dir()]
        if len(members) != 1:
            raise FeedError(f"an archive of {len(members)} files; one is expected")
        return stack.enter_context(archive.open(members[0]))
    except (zipfile.BadZipFile, RuntimeError, ValueError, OSError) as error:
        raise FeedError(f"it cannot be unpacked: {error}") from None
