"""Unpack a backup into a new workspace: every name and hash is checked before any of it counts."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from sekisho.app.backup import INDEX, SCHEMA
from sekisho.errors import IntegrityError, Refused, RequestError

MAX_INDEX = 256 << 20
_BLOCK = 1 << 20
Step = Callable[[str, int, int | None], None]


def restore(archive: Path, into: Path, *, step: Step | None = None) -> int:
    """Unpack `archive` to the folder `into`, which is empty or does not exist; how many files.

    Raises RequestError where it is no backup, cannot be read or the folder is not empty, Refused for a
    member that would leave the folder, IntegrityError where a file is not what was backed up. Then
    `into` is as it was.
    """
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise RequestError(f"{into} is not empty", "name a folder that does not exist yet")
    tell = step or (lambda _what, _done, _all: None)
    try:
        stream = archive.open("rb")
    except OSError as error:
        raise RequestError(f"{archive} cannot be read: {error.strerror}") from error
    with stream:
        return _restore(stream, archive, into, tell)


def _restore(stream: BinaryIO, archive: Path, into: Path, tell: Step) -> int:
    scratch: Path | None = None
    try:
        into.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{into.name}-", dir=into.parent))
        with tarfile.open(fileobj=stream, mode="r:") as tar:
            files = _index(tar)
            done = _unpack(tar, files, scratch, tell)
        missing = sorted(set(files) - done)
        if missing:
            raise IntegrityError(f"{archive} lacks {missing[0]} and {len(missing) - 1} more files")
        if into.exists():
            into.rmdir()
        scratch.rename(into)
    except tarfile.TarError as error:
        raise IntegrityError(f"{archive} is no whole archive: {error}") from error
    except OSError as error:
        raise RequestError(f"cannot restore to {into}: {error.strerror or error}") from error
    finally:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)
    return len(done)


def _index(tar: tarfile.TarFile) -> Mapping[str, Any]:
    try:
        member = tar.getmember(INDEX)
    except KeyError as error:
        raise RequestError(f"it is no backup of ours: no {INDEX} in it") from error
    stream = tar.extractfile(member) if member.isreg() and member.size <= MAX_INDEX else None
    try:
        document = json.loads(stream.read()) if stream else {}
    except (ValueError, RecursionError) as error:
        raise IntegrityError(f"its {INDEX} cannot be read: {error}") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise RequestError(f"its {INDEX} is none of {SCHEMA}")
    files = document.get("files")
    if not isinstance(files, dict) or not all(isinstance(one, dict) for one in files.values()):
        raise IntegrityError(f"its {INDEX} lists no files")
    return files


def _unpack(tar: tarfile.TarFile, files: Mapping[str, Any], scratch: Path, tell: Step) -> set[str]:
    done: set[str] = set()
    for member in tar:
        if member.name == INDEX:
            continue
        _check_name(member)
        if member.name not in files or member.name in done:
            raise IntegrityError(f"{member.name} is not listed in its {INDEX}, or is there twice")
        wanted = files[member.name]
        if member.size != wanted.get("size"):
            raise IntegrityError(f"{member.name} is not as long as when it was backed up")
        tell("restore", len(done), len(files))
        target = scratch / member.name
        for folder in reversed(PurePosixPath(member.name).parents):
            # Not `parents=True`, which leaves all but the last to the mask: data/ is its owner's alone.
            (scratch / folder).mkdir(mode=0o700, exist_ok=True)
        if _write(tar, member, target) != wanted.get("sha256"):
            raise IntegrityError(f"{member.name} is not what was backed up")
        done.add(member.name)
    return done


def _check_name(member: tarfile.TarInfo) -> None:
    path = PurePosixPath(member.name)
    bad = path.is_absolute() or ".." in path.parts or "\\" in member.name or "\0" in member.name
    if bad or not member.isreg():
        raise Refused(
            f"{member.name!r} in the archive is no plain file below the workspace",
            "do not trust this archive",
        )


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> str:
    digest = hashlib.sha256()
    source = tar.extractfile(member)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        while source is not None and (data := source.read(_BLOCK)):
            digest.update(data)
            out.write(data)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()
