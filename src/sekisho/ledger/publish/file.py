"""`file`: heads one after the other in a file, such as one on another machine's share."""

from __future__ import annotations

import os
from pathlib import Path

from sekisho.ledger.checkpoints import SignedHead
from sekisho.ledger.publish.base import NotPublished
from sekisho.ledger.verifier import Checkpoint, read_checkpoints

LARGEST = 64 << 20
"""Bytes; over two hundred thousand heads."""


class FileWitness:
    """A file that is only appended to. What lies in it is worth as much as its place is out of reach."""

    def __init__(self, path: Path) -> None:
        self.name = "file"
        self._path = path

    def publish(self, head: SignedHead) -> str:
        """Append the head unless it is there. Refuses where the file holds one that contradicts it."""
        wanted = head.checkpoint
        for one in self.heads():
            if one.origin != wanted.origin:
                raise NotPublished(f"{self._path} holds heads of another ledger, {one.origin}")
            if one.size == wanted.size:
                if one.root != wanted.root:
                    text = f"{self._path} holds another head of {one.size} entries: a fork"
                    raise NotPublished(text)
                return "was there"
            if one.size > wanted.size:
                text = f"{self._path} holds a head of {one.size} entries: the ledger was cut"
                raise NotPublished(text)
        try:
            self._append(head.note)
        except OSError as error:
            raise NotPublished(f"cannot write {self._path}: {error.strerror}") from error
        return "written"

    def heads(self) -> tuple[Checkpoint, ...]:
        """Every head in it; none where there is no file. Raises NotPublished where it is damaged."""
        try:
            with self._path.open("rb") as stream:
                raw = stream.read(LARGEST + 1)
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise NotPublished(f"cannot read {self._path}: {error.strerror}") from error
        if len(raw) > LARGEST:
            raise NotPublished(f"{self._path} is full: name a new file, and keep this one")
        try:
            return read_checkpoints(raw) if raw.strip() else ()
        except ValueError as error:
            raise NotPublished(f"{self._path} {error}") from error

    def _append(self, note: bytes) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.open(self._path, flags, 0o644)
        try:
            size = os.fstat(file).st_size
            view = memoryview(b"\n" + note if size else note)
            try:
                while view:
                    view = view[os.write(file, view) :]
                os.fsync(file)
            except OSError:
                os.ftruncate(file, size)
                raise
        finally:
            os.close(file)
