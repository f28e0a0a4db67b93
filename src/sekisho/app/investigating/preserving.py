"""Copy the original bytes behind an incident's evidence, before they are rotated away.

The lake says which bytes it read: the SHA-256 and size of each file as it was then. A log that grew since
still begins with them, so exactly those are copied and checked while they are; anything else is no
evidence and is named instead.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.ledger.head import sync_folder
from sekisho.sources import files
from sekisho.state.incident_records import EvidenceState

_CHUNK = 1 << 20
PACKED = (".zst", ".gz")


@dataclass(frozen=True, slots=True)
class Original:
    """A file as the lake read it: where it was, and its bytes on disk (`raw`) and unpacked (`content`)."""

    sensor: str
    path: str
    raw_sha256: str
    raw_size: int
    content_sha256: str
    content_size: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one original; `sha256` and `size` are of the copy."""

    original: Original
    state: EvidenceState
    sha256: str = ""
    size: int = 0
    why: str = ""


def preserve(workspace: Workspace, original: Original, folder: Path) -> Outcome:
    """Copy one original into a folder, under its SHA-256. Raises RequestError where the disk is full."""
    if original.path.startswith("s3://"):
        return Outcome(original, "elsewhere", why="an object of a store; lock it there")
    outcome = Outcome(original, "gone", why="no file is where it was read from")
    for place in _places(workspace, original.path):
        try:
            found = _copy(place, original, folder)
        except FileNotFoundError:
            continue
        except NotADirectoryError:
            continue
        except OSError as error:
            outcome = Outcome(original, "unreadable", why=f"{place}: {error.strerror}")
            continue
        if found.state == "preserved":
            return found
        outcome = found
    return outcome


def intact(folder: Path, sha256: str, size: int) -> bool:
    """Whether a copy is there with its size; `check` reads it."""
    try:
        return (folder / sha256).stat().st_size == size
    except OSError:
        return False


def check(path: Path, sha256: str) -> str | None:
    """What is wrong with a copy, None where it hashes to its name."""
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"{path.name} cannot be read: {error.strerror}"
    return None if found == sha256 else f"{path.name} does not hash to its name"


def keep(source: Path, folder: Path, limit: int) -> tuple[str, int]:
    """Copy a file that a person names into a folder, under its SHA-256; (hash, size).

    Raises RequestError where it is larger than `limit` bytes, no regular file, or the disk is full.
    """
    try:
        with _opened(source) as descriptor:
            size = os.fstat(descriptor).st_size
            if size > limit:
                raise RequestError(f"{source} has {size:,} bytes, at most {limit:,} are kept")
            digest = _write(descriptor, size, folder)
            if not digest:
                raise RequestError(f"{source} became shorter while it was read")
            return digest, size
    except OSError as error:
        raise RequestError(f"cannot keep {source}: {error.strerror or error}") from error


def _places(workspace: Workspace, path: str) -> Iterator[Path]:
    """Where the file may be: where it was, packed since, or a collector's segment that was kept."""
    named = Path(path)
    bases = [named] if named.is_absolute() else [workspace.root / named, Path.cwd() / named]
    if ".journal" in named.suffixes:
        bases += [
            folder / named.name
            for top in (workspace.journal, workspace.received)
            for folder in sorted(top.rglob("kept"))
        ]
    for base in bases:
        yield base
        if base.suffix not in PACKED:
            yield from (base.with_name(base.name + ending) for ending in PACKED)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """A regular file's descriptor, for reading; never waits for a pipe's writer."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FileNotFoundError(2, "is no regular file", str(path))
        yield descriptor
    finally:
        os.close(descriptor)


def _copy(place: Path, original: Original, folder: Path) -> Outcome:
    with _opened(place) as descriptor:
        size = os.fstat(descriptor).st_size
        if size >= original.raw_size:
            digest = _write(descriptor, original.raw_size, folder, original.raw_sha256)
            if digest == original.raw_sha256:
                grown = (
                    "it has grown since; what was read of it was kept"
                    if size > original.raw_size
                    else ""
                )
                return Outcome(original, "preserved", digest, original.raw_size, grown)
        if place.suffix in PACKED:
            return _packed(place, descriptor, size, original, folder)
    return Outcome(original, "changed", why=f"{place} does not hold the bytes that were read")


def _packed(place: Path, descriptor: int, size: int, original: Original, folder: Path) -> Outcome:
    """A packed file: its content may be what was read, whatever the packing. The copy is what is checked:
    the file may change meanwhile."""
    digest = _write(descriptor, size, folder)
    wanted = {original.content_size: {original.content_sha256: 1}}
    found = files.digest(folder / digest, wanted)
    if original.content_sha256 == found.content_sha256 or found.prefix_match:
        return Outcome(original, "preserved", digest, size, f"kept as packed in {place.name}")
    (folder / digest).unlink()
    return Outcome(original, "changed", why=f"{place} does not hold the bytes that were read")


def _write(descriptor: int, size: int, folder: Path, wanted: str | None = None) -> str:
    """Copy the first `size` bytes under their SHA-256, which is returned; nothing is kept where that is not
    `wanted`, or the file ends before."""
    _make(folder)
    part = folder / f".{os.getpid()}.part"
    digest, copied = hashlib.sha256(), 0
    try:
        target = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o400)
        try:
            while copied < size and (data := os.pread(descriptor, min(_CHUNK, size - copied), copied)):
                digest.update(data)
                copied += len(data)
                view = memoryview(data)
                while view:
                    view = view[os.write(target, view) :]
            os.fsync(target)
        finally:
            os.close(target)
        name = digest.hexdigest()
        if copied == size and wanted in (None, name):
            part.replace(folder / name)
            sync_folder(folder)
        return name if copied == size else ""
    except OSError as error:
        raise RequestError(
            f"the copy of evidence could not be written: {error.strerror}",
            "free space on the disk and run `sekisho investigate preserve`; nothing counts as preserved"
            " that is not",
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _make(folder: Path) -> None:
    for place in (folder.parent.parent, folder.parent, folder):
        place.mkdir(mode=0o700, exist_ok=True)
