"""The last acknowledged entry, remembered beside the ledger.

It is what makes a cut end visible, and what tells an entry that was acknowledged from bytes that a
crash left behind. It lies on the same disk: against somebody who may write there, only a copy of it
kept elsewhere helps.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from sekisho.errors import IntegrityError
from sekisho.ledger.verifier import FIRST

_LARGEST = 4096


@dataclass(frozen=True, slots=True)
class Head:
    """Entry `seq` with its hash; its line is the bytes from `start` to `end`. `seq` 0 is none."""

    seq: int = 0
    hash: str = FIRST
    start: int = 0
    end: int = 0


def read_head(path: Path) -> Head | None:
    """The remembered head, or None where none is remembered. Raises IntegrityError."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(_LARGEST + 1)
    except FileNotFoundError:
        return None
    try:
        value = json.loads(raw)
        head = Head(value["seq"], value["hash"], value["start"], value["end"])
        numbers = all(type(value[key]) is int and value[key] >= 0 for key in ("seq", "start", "end"))
        if not numbers or type(value["hash"]) is not str or len(head.hash) != len(FIRST):
            raise ValueError("a value has the wrong type")
    except (ValueError, KeyError, TypeError) as error:
        raise IntegrityError(
            f"{path} is damaged", "Restore it from a backup; the entries themselves may be whole."
        ) from error
    return head


def write_head(path: Path, head: Head) -> None:
    """Remember a head, whole or not at all; on disk when this returns. Raises OSError."""
    text = json.dumps({"end": head.end, "hash": head.hash, "seq": head.seq, "start": head.start})
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        os.write(descriptor, text.encode() + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put a folder's names on disk: a file that was made or renamed may else be lost with power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
