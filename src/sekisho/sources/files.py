"""Finding files, opening their content, and the fingerprint by which a file is known again."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from sekisho.errors import RequestError
from sekisho.sources.compression import Hashed, decompressed, packed
from sekisho.sources.lines import Damaged

HEAD_SIZE = 1 << 16
"""Bytes that detection looks at."""
_BLOCK = 1 << 20
_PARQUET = b"PAR1"


@dataclass(frozen=True, slots=True)
class FileDigest:
    """What a file holds. `raw_*` is of the bytes on disk, `content_*` of what they decompress to.

    `unterminated`: the content does not end with a line feed, so its last line may still grow.
    `prefix_match`: the longest of the given prefixes that this content begins with; `prefix_matches`:
    all of them, the shortest first. `damage`: why the content could not be read to its end; the
    content's hash and size then cover what could be.
    """

    raw_sha256: str
    raw_size: int
    content_sha256: str
    content_size: int
    unterminated: bool
    prefix_match: int | None
    damage: str | None = None
    prefix_matches: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Files in order of their paths, what could not be read, and links that were not followed.

    `unreadable` and `skipped` hold (path, reason).
    """

    files: tuple[Path, ...]
    unreadable: tuple[tuple[Path, str], ...] = ()
    skipped: tuple[tuple[Path, str], ...] = ()

    def __iter__(self) -> Iterator[Path]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)


def open_content(path: Path) -> BinaryIO:
    """The content of a file, decompressed where its first bytes say gzip or zstd.

    Reading past the end of what can be decoded raises `Damaged`. Raises OSError.
    """
    raw = path.open("rb")
    try:
        first = raw.read(4)
        raw.seek(0)
        content = decompressed(raw, first)
    except BaseException:
        raw.close()
        raise
    return raw if content is None else cast("BinaryIO", content)


def head(path: Path, size: int = HEAD_SIZE) -> bytes:
    """The first bytes of a file's content, as many as can be decoded. Raises OSError.

    Of a Parquet file the last bytes follow, where the names of its columns stand.
    """
    with open_content(path) as stream:
        try:
            first = stream.read(size)
        except Damaged:
            return b""
        if first.startswith(_PARQUET) and len(first) == size and stream.seekable():
            stream.seek(max(size, path.stat().st_size - size))
            first += stream.read(size)
        return first


def digest(path: Path, prefixes: Mapping[int, Mapping[str, int]] | None = None) -> FileDigest:
    """Fingerprint a file in one pass, and find the longest of `prefixes` it begins with.

    Those are numbers by the SHA-256 of a content, by its size: ten thousand rotated logs of much the
    same size cost one look each. Raises OSError.
    """
    raw_hash, content_hash = hashlib.sha256(), hashlib.sha256()
    known = prefixes or {}
    waiting = sorted(size for size in known if size > 0)
    matches: list[int] = []
    done, size, last, damage = 0, 0, b"", None
    with path.open("rb") as file:
        first = file.read(4)
        file.seek(0)
        # What is not packed is its own content: one hash does for both.
        raw = Hashed(file, raw_hash.update if packed(first) else None)
        content = decompressed(raw, first)
        stream = raw if content is None else content
        while True:
            try:
                data = stream.read(_BLOCK)
            except Damaged as error:
                damage = str(error)
                break
            if not data:
                break
            at = 0
            while done < len(waiting) and waiting[done] <= size + len(data):
                end = waiting[done] - size
                content_hash.update(data[at:end])
                at = end
                found = known[waiting[done]].get(content_hash.hexdigest())
                if found is not None:
                    matches.append(found)
                done += 1
            content_hash.update(memoryview(data)[at:])
            size += len(data)
            last = data[-1:]
        while raw.read(_BLOCK):
            pass
        content_sha256 = content_hash.hexdigest()
        return FileDigest(
            raw_hash.hexdigest() if packed(first) else content_sha256,
            raw.size,
            content_sha256,
            size,
            size > 0 and last != b"\n",
            matches[-1] if matches else None,
            damage,
            tuple(matches),
        )


def find_files(paths: Iterable[Path]) -> Found:
    """The files given and those in the folders given, each once, in the order of their paths.

    Hidden files and folders are left out, and so are links met inside a folder: what they lead to
    inside is found anyway, and what lies outside was not asked for. A path that was given itself may be
    a link or hidden. Raises RequestError where a path does not exist.
    """
    files: set[Path] = set()
    unreadable: list[tuple[Path, str]] = []
    skipped: list[tuple[Path, str]] = []
    for path in paths:
        try:
            mode = path.stat().st_mode
        except (FileNotFoundError, NotADirectoryError) as error:
            raise RequestError(f"{path} does not exist", "name files or folders that exist") from error
        except OSError as error:
            unreadable.append((path, _why(error)))
            continue
        if stat.S_ISDIR(mode):
            _walk(path, files, unreadable, skipped)
        else:
            _add(path, mode, files, unreadable)
    return Found(tuple(sorted(files)), tuple(sorted(unreadable)), tuple(sorted(skipped)))


def _walk(
    folder: Path,
    files: set[Path],
    unreadable: list[tuple[Path, str]],
    skipped: list[tuple[Path, str]],
) -> None:
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError as error:
            unreadable.append((here, _why(error)))
            continue
        for entry in entries:
            path = here / entry.name
            if entry.name.startswith("."):
                continue
            if entry.is_symlink():
                skipped.append((path, "a symbolic link is not followed"))
            elif entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            else:
                _add(path, entry.stat(follow_symlinks=False).st_mode, files, unreadable)


def _add(path: Path, mode: int, files: set[Path], unreadable: list[tuple[Path, str]]) -> None:
    if not stat.S_ISREG(mode):
        unreadable.append((path, "is no regular file"))
    elif not os.access(path, os.R_OK):
        unreadable.append((path, "permission denied"))
    else:
        files.add(path)


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive; unpack it first"),
    (b"BZh", "bzip2; unpack it first"),
    (b"\xfd7zXZ", "xz; unpack it first"),
    (b"\x7fELF", "an executable"),
    (b"MZ", "an executable"),
    (b"\xd4\xc3\xb2\xa1", "a packet capture"),
    (b"\xa1\xb2\xc3\xd4", "a packet capture"),
    (b"\x0a\x0d\x0d\x0a", "a packet capture"),
    (b"\x0c\xa5", "nfdump's own file; write it out with `nfdump -r FILE -o csv`"),
    (b"SQLite format 3", "an SQLite database"),
)


def describe(head: bytes) -> str:
    """What content that no reader knows looks like, for a person."""
    if not head:
        return "an empty file"
    for magic, words in _MAGIC:
        if head.startswith(magic):
            return words
    sample = head[:4096]
    strange = sum(byte < 9 or 13 < byte < 32 or byte == 127 for byte in sample)
    if strange * 20 > len(sample):
        return "binary data"
    first = sample.split(b"\n", 1)[0].decode("utf-8", "backslashreplace").strip()
    return f"text that begins {first[:60]!r}" if first else "text"
