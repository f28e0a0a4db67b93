"""Append to the ledger and read it.

`ledger.jsonl` holds one entry a line in canonical JSON (RFC 8785), each linked to the one before by its
SHA-256; `head.json` remembers the last entry that was acknowledged. `verifier` says what that proves.

Entries' hashes are the leaves of a Merkle tree whose edge the head keeps; `keys` signs its root,
`proofs` proves from it. Kinds that begin with `ledger.` are the ledger's own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import rfc8785
from filelock import FileLock, Timeout

from sekisho.errors import IntegrityError, RequestError
from sekisho.ledger import torn
from sekisho.ledger.head import Head, read_head, sync_folder, write_head
from sekisho.ledger.verifier import LONGEST_LINE, canonical, entry_hash, line_hash, read_entry
from sekisho.model.entries import Entry

FILE, HEAD, LOCK, SIDE = "ledger.jsonl", "head.json", "ledger.lock", "torn"
_LARGEST_BODY = LONGEST_LINE // 4
_RESTORE = "See `sekisho ledger verify`; restore data/ledger from a backup."


class NotWritten(RequestError):
    """The entry could not be put on disk (full, read-only): nothing was appended."""


class Ledger:
    """The ledger in a folder, which is made when first written to."""

    def __init__(self, folder: Path, timeout: float = 60.0) -> None:
        """`timeout` is how many seconds to wait for another writer."""
        self.folder = folder
        self._file = folder / FILE
        self._head = folder / HEAD
        self._side = folder / SIDE
        self._timeout = timeout
        self._lock = FileLock(folder / LOCK, mode=0o600)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep other writers out; may be entered again by the same `Ledger`. Raises RequestError."""
        try:
            self.folder.mkdir(parents=True, mode=0o700, exist_ok=True)
            self._lock.acquire(timeout=self._timeout)
        except Timeout as error:
            raise RequestError(
                "another process is writing to the ledger",
                "Try again, or raise store.lock_timeout; `sekisho doctor` says which process it is.",
            ) from error
        except OSError as error:
            raise NotWritten(f"cannot write to {self.folder}: {error.strerror}") from error
        try:
            yield
        finally:
            self._lock.release()

    def append(self, kind: str, body: Mapping[str, Any], at: datetime, by: str) -> Entry:
        """Add an entry; when this returns it is on disk. `at` is aware.

        Raises RequestError for a body that is not JSON or over 1 MiB, NotWritten when the disk is full
        (the file is as it was), IntegrityError when the end of the ledger is not as remembered.
        """
        if at.tzinfo is None:
            raise ValueError(f"a time without a zone: {at}")
        body = _checked(kind, body, by)
        with self.exclusive(), self._opened() as file:
            head = self._settle(file)
            last = self._record_torn(file, head, at)
            return self._write(file, last, kind, body, at, by)

    def recover(self, at: datetime) -> Head:
        """Settle, and record at once what a crash left torn: the next entry follows this head.

        Call it within `exclusive`. Raises what `append` does.
        """
        with self.exclusive(), self._opened() as file:
            return self._record_torn(file, self._settle(file), at)

    def settle(self) -> Head:
        """Finish what a crash left: adopt whole entries that were not yet remembered, set aside a torn
        end. Returns the last entry. Raises IntegrityError when acknowledged entries are gone."""
        head = read_head(self._head)
        size = self._file.stat().st_size if self._file.exists() else 0
        if size == (head.end if head else 0) and (head is None or head.edge is not None):
            return head or Head()
        with self.exclusive(), self._opened() as file:
            return self._settle(file)

    def head(self) -> Head:
        """The last acknowledged entry as remembered; `seq` 0 where there is none."""
        return read_head(self._head) or Head()

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """Acknowledged entries, from the line that begins at offset `start` in bytes.

        Each is checked by itself (form, hash); `verify` checks the links. Raises IntegrityError.
        """
        end = self.head().end
        if end == 0:
            return
        try:
            stream = self._file.open("rb")
        except OSError as error:
            raise IntegrityError(f"{self._file} cannot be read: {error.strerror}", _RESTORE) from error
        with stream:
            stream.seek(start)
            while start < end:
                line = stream.readline(LONGEST_LINE)
                try:
                    entry = _entry(line, start)
                except ValueError as error:
                    raise IntegrityError(f"{self._file} at byte {start}: {error}", _RESTORE) from error
                yield entry
                start = entry.end

    @contextmanager
    def _opened(self) -> Iterator[int]:
        new = not self._file.exists()
        if new and (read_head(self._head) or Head()).seq:
            raise IntegrityError(f"{self._file} is gone", _RESTORE)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            file = os.open(self._file, flags, 0o600)
            if new:
                sync_folder(self.folder)
        except OSError as error:
            raise NotWritten(f"cannot write to {self._file}: {error.strerror}") from error
        try:
            yield file
        finally:
            os.close(file)

    def _settle(self, file: int) -> Head:
        remembered = read_head(self._head)
        head = remembered or Head()
        size = os.fstat(file).st_size
        if head.seq:
            self._check_remembered(file, head, size)
        try:
            if head.edge is None:
                head = self._grown(file, head)
                write_head(self._head, head)
            found = 0
            for entry in _whole_entries(file, head, size):
                found += 1
                if remembered is None and found > 1:
                    raise IntegrityError(f"{self._head} is gone", _RESTORE)
                head = head.after(entry)
            if found:
                # They may be in the page cache only, if just the process was killed.
                os.fsync(file)
                write_head(self._head, head)
            if size > head.end:
                torn.set_aside(self._side, file, head.end, size)
                os.ftruncate(file, head.end)
                os.fsync(file)
        except OSError as error:
            raise NotWritten(f"cannot write to {self.folder}: {error.strerror}") from error
        return head

    def _grown(self, file: int, head: Head) -> Head:
        """The same head with its tree: once for a ledger from before there was one."""
        grown = Head()
        for entry in _whole_entries(file, grown, head.end):
            grown = grown.after(entry)
        if (grown.seq, grown.hash, grown.end) != (head.seq, head.hash, head.end):
            raise IntegrityError(f"{self._file} is not whole after entry {grown.seq}", _RESTORE)
        return grown

    def _check_remembered(self, file: int, head: Head, size: int) -> None:
        problem = None
        if size < head.end:
            problem = f"is shorter than it was after entry {head.seq}"
        else:
            try:
                entry = _entry(os.pread(file, head.end - head.start, head.start), head.start)
                if (entry.seq, entry.hash) != (head.seq, head.hash):
                    problem = f"does not hold entry {head.seq} as it was acknowledged"
            except ValueError as error:
                problem = f"does not hold entry {head.seq} as it was acknowledged: {error}"
        if problem:
            raise IntegrityError(f"{self._file} {problem}", _RESTORE)

    def _record_torn(self, file: int, head: Head, at: datetime) -> Head:
        for side in torn.pending(self._side):
            last = _last(file, head)
            if last is None or last.kind != torn.KIND or last.body != side.body:
                head = head.after(self._write(file, head, torn.KIND, side.body, at, "sekisho"))
            torn.recorded(side)
        return head

    def _write(
        self, file: int, head: Head, kind: str, body: Mapping[str, Any], at: datetime, by: str
    ) -> Entry:
        content: dict[str, Any] = {
            "at": at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "body": body,
            "by": by,
            "kind": kind,
            "prev": head.hash,
            "seq": head.seq + 1,
        }
        digest = entry_hash(content)
        line = rfc8785.dumps(content | {"hash": digest}) + b"\n"
        entry = _entry(line, head.end)
        try:
            view = memoryview(line)
            while view:
                view = view[os.write(file, view) :]
            os.fsync(file)
            if (size := os.fstat(file).st_size) != entry.end:
                # Somebody who does not ask for the lock wrote as well: nothing of it may be cut off
                # here, and what follows from it is for `_settle` to find out.
                raise IntegrityError(
                    f"{self._file} has {size} bytes where {entry.end} were expected: another program "
                    "writes to it; the entry does not count",
                    _RESTORE,
                )
            write_head(self._head, head.after(entry))
        except OSError as error:
            # Not acknowledged, so it must not count. Where even this fails the disk is gone.
            with suppress(OSError):
                os.ftruncate(file, head.end)
                os.fsync(file)
                if read_head(self._head) not in (head, None):
                    write_head(self._head, head)
            raise NotWritten(
                f"the ledger could not be written: {error.strerror}; nothing was recorded",
                "Free space on the disk and repeat the command.",
            ) from error
        return entry


def _checked(kind: str, body: Mapping[str, Any], by: str) -> dict[str, Any]:
    content = dict(body)
    try:
        size = len(canonical([kind, by, content]))
    except ValueError as error:
        raise RequestError(f"a ledger entry cannot hold this: {error}") from error
    if not kind or not by:
        raise RequestError("a ledger entry says what was done and who did it")
    if size > _LARGEST_BODY:
        raise RequestError(f"a ledger entry of {size} bytes is too large (at most {_LARGEST_BODY})")
    return content


def _entry(line: bytes, start: int) -> Entry:
    if not line.endswith(b"\n"):
        raise ValueError("the line has no end")
    value = read_entry(line[:-1])
    if line_hash(line[:-1], value) != value["hash"]:
        raise ValueError("the hash is not that of the content")
    return Entry(
        value["seq"],
        datetime.fromisoformat(value["at"]),
        value["by"],
        value["kind"],
        value["body"],
        value["prev"],
        value["hash"],
        start,
        start + len(line),
    )


def _whole_entries(file: int, head: Head, size: int) -> Iterator[Entry]:
    """Entries after the remembered head that are whole and link to it."""
    offset, seq, digest = head.end, head.seq, head.hash
    with os.fdopen(os.dup(file), "rb") as stream:
        stream.seek(offset)
        while offset < size:
            line = stream.readline(min(LONGEST_LINE, size - offset))
            try:
                entry = _entry(line, offset)
            except ValueError:
                return
            if entry.seq != seq + 1 or entry.prev != digest:
                return
            yield entry
            offset, seq, digest = entry.end, entry.seq, entry.hash


def _last(file: int, head: Head) -> Entry | None:
    return _entry(os.pread(file, head.end - head.start, head.start), head.start) if head.seq else None
