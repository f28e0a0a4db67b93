"""The open end of a journal: one writer appends, seals, and begins the next segment."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from sekisho.errors import RequestError
from sekisho.model.addresses import IPAddress
from sekisho.sources.journal.framing import framed, header, new_salt, peer_bytes
from sekisho.sources.journal.recovery import Recovered, recover
from sekisho.sources.journal.segments import OPEN, PACKED, SEALED, SealedSegment, sync_folder

SEGMENT_BYTES = 64 << 20
SEGMENT_SECONDS = 1.0
_BUFFER = 1 << 18
_LAST = "last"


class Journal:
    """A folder of segments, held by one process; one thread at a time.

    What was appended is with the system after `flush`, and on disk after `seal`. A segment is sealed when
    it is `segment_bytes` large or `segment_seconds` old, at the next `append` or `tick`. `recovered` says
    what an earlier process left behind.

    Raises RequestError where another process holds the folder; every method raises OSError where the disk
    is full or fails, after which nothing of a record is left half written, and the call may be repeated.
    """

    def __init__(
        self,
        folder: Path,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        segment_seconds: float = SEGMENT_SECONDS,
    ) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self.salt = new_salt()
        self._limits = (segment_bytes, segment_seconds)
        self._lock = FileLock(folder / "lock", timeout=0, thread_local=False)
        try:
            self._lock.acquire()
        except Timeout:
            raise RequestError(
                f"another process writes the journal in {folder}", "stop it, then start this again"
            ) from None
        self._open: _OpenSegment | None = None
        self._buffer = bytearray()
        try:
            self.recovered: Recovered = recover(folder)
            self._number = _last_number(folder)
        except BaseException:
            self._lock.release()
            raise

    def append(self, kind: int, peer: IPAddress, port: int, arrival: int, payload: bytes) -> None:
        """Add a record; `arrival` in microseconds UTC. Raises ValueError where the payload is too long."""
        record = framed(self.salt, kind, peer_bytes(peer), port, arrival, payload)
        if len(self._buffer) >= _BUFFER:
            self.flush()
        self.tick()
        self._begin()
        self._buffer += record

    def write(self, records: bytes) -> None:
        """Add whole records that were framed with this journal's salt: all of them, or none."""
        self.flush()
        self._begin().write(records)

    def flush(self) -> None:
        """Give what was appended to the system."""
        if self._buffer:
            self._begin().write(self._buffer)
            self._buffer.clear()

    def tick(self) -> SealedSegment | None:
        """Seal if it is time."""
        size, seconds = self._limits
        now = self._open
        if now is None:
            return None
        old = time.monotonic() - now.begun >= seconds
        return self.seal() if old or now.size + len(self._buffer) >= size else None

    def seal(self) -> SealedSegment | None:
        """Put the open segment on disk and under its final name; None where nothing was appended."""
        self.flush()
        if self._open is None:
            return None
        now = self._open
        os.fsync(now.descriptor)
        target = self.folder / f"{now.number:020d}{SEALED}"
        now.path.rename(target)
        self._open = None
        os.close(now.descriptor)
        sync_folder(self.folder)
        return SealedSegment(target, f"{now.number:020d}", now.size)

    def close(self) -> SealedSegment | None:
        """Seal and let go of the folder."""
        try:
            return self.seal()
        finally:
            if self._open is not None:
                os.close(self._open.descriptor)
                self._open = None
            self._lock.release()

    def _begin(self) -> _OpenSegment:
        if self._open is None:
            number = max(self._number + 1, time.time_ns() // 1000)
            _remember(self.folder, number)
            self._open = _OpenSegment.begin(self.folder, number, self.salt)
            self._number = number
        return self._open


@dataclass(slots=True)
class _OpenSegment:
    number: int
    path: Path
    descriptor: int
    size: int
    begun: float

    @classmethod
    def begin(cls, folder: Path, number: int, salt: int) -> _OpenSegment:
        path = folder / f"{number:020d}{OPEN}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        fresh = cls(number, path, os.open(path, flags, 0o600), 0, time.monotonic())
        try:
            fresh.write(header(salt))
        except OSError:
            os.close(fresh.descriptor)
            path.unlink()
            raise
        return fresh

    def write(self, data: bytes | bytearray) -> None:
        """All of it or nothing."""
        with memoryview(data) as whole:
            done = 0
            try:
                while done < len(whole):
                    done += os.pwrite(self.descriptor, whole[done:], self.size + done)
            except OSError:
                # Shortening needs no room.
                os.ftruncate(self.descriptor, self.size)
                raise
            self.size += done


def _remember(folder: Path, number: int) -> None:
    """Names never come again, also where the clock went back after all segments were taken away."""
    fresh = folder / f"{_LAST}.new"
    fresh.write_text(f"{number}\n")
    fresh.replace(folder / _LAST)


def _last_number(folder: Path) -> int:
    names = [path.name.partition(".")[0] for path in folder.iterdir()
             if path.name.endswith((OPEN, SEALED, PACKED))]  # fmt: skip
    numbers = [int(name) for name in names if name.isdecimal()]
    with contextlib.suppress(FileNotFoundError, ValueError):
        numbers.append(int((folder / _LAST).read_bytes()[:32]))
    return max(numbers, default=0)
