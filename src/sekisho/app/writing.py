"""Files that people ask for, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from sekisho.errors import RequestError


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A place beside `path` to write to, which takes its place at the end if nothing failed.

    Raises RequestError where it cannot be written.
    """
    if not path.name:
        raise RequestError(f"cannot write {path}: it is a folder", "name a file in it")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        raise RequestError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


@contextmanager
def whole_new(path: Path) -> Iterator[Path]:
    """A file beside `path` to write evidence to, its owner's alone from the first byte on, which is on the disk
    and takes the name `path` at the end if nothing failed. What has that name is never replaced.

    Raises RequestError where `path` exists or cannot be written.
    """
    refuse_existing(path)
    # In a container the number of the process that was killed here before is this one's again.
    part = path.with_name(f".{path.name}.{os.getpid()}-{token_hex(4)}.part")
    try:
        part.touch(mode=0o600, exist_ok=False)
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        # A link fails where the name was taken meanwhile; a rename would replace the file that has it.
        path.hardlink_to(part)
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        raise RequestError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def refuse_existing(path: Path) -> None:
    """Raises RequestError where something has that name: said before any work is done for it."""
    if path.exists():
        raise _exists(path)


def _exists(path: Path) -> RequestError:
    return RequestError(f"{path} exists already", "name a file that does not")
