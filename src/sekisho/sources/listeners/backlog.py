"""Between receiving and the disk: a bounded number of bytes, and the thread that writes them.

A disk that is slow for a moment holds up nobody who receives. One that is full or fails is tried again
until it takes what is held; meanwhile, once the bound is reached, nothing more is taken.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque

from sekisho.sources.journal.journal import Journal

_RETRY = 0.5
_TICK = 0.1


class Backlog:
    """Whole framed records on their way into a journal, which is this thread's from now on.

    `trouble` is why nothing is written at present, empty where all is well.
    """

    def __init__(self, journal: Journal, limit: int, reserve: int = 0) -> None:
        self.salt = journal.salt
        self.trouble = ""
        self.segments = 0
        self.written = 0
        self.left = 0
        self._journal = journal
        self._limit, self._reserve = limit, reserve
        self._waiting: deque[tuple[bytes, int]] = deque()
        self._size = 0
        self._changed = threading.Condition()
        self._patience: float | None = None
        self._thread = threading.Thread(target=self._run, name="journal")
        self._thread.start()

    def put(self, records: bytes, count: int) -> bool:
        """Give `count` records; False where there is no room for them. Any thread may."""
        with self._changed:
            if self._size + len(records) > self._limit or self._patience is not None:
                return False
            self._waiting.append((records, count))
            self._size += len(records)
            self._changed.notify()
        return True

    def close(self, patience: float = 5.0) -> None:
        """Write what is held, seal, and let go of the journal; a disk that takes nothing for `patience`
        seconds is given up, and what it did not take is counted in `left`."""
        with self._changed:
            self._patience = patience
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        stuck = time.monotonic()
        while True:
            with self._changed:
                if not self._waiting and self._patience is None:
                    self._changed.wait(_TICK)
                held = self._waiting[0] if self._waiting else None
            if self._try(held[0] if held else b""):
                stuck = time.monotonic()
                if held:
                    self.written += held[1]
                    with self._changed:
                        self._waiting.popleft()
                        self._size -= len(held[0])
            with self._changed:
                if self._patience is None:
                    if self.trouble:
                        self._changed.wait(_RETRY)
                elif not self._waiting or time.monotonic() - stuck > self._patience:
                    break
                elif self.trouble:
                    time.sleep(_TICK)
        self.left = sum(count for _, count in self._waiting)
        self._finish()

    def _try(self, records: bytes) -> bool:
        """Write and seal; False where the disk does not take it."""
        try:
            if records:
                free = os.statvfs(self._journal.folder)
                if free.f_bavail * free.f_frsize < self._reserve + len(records):
                    self._seal()
                    self.trouble = "the disk is full up to the reserve"
                    return False
                self._journal.write(records)
            self._seal()
        except OSError as error:
            self.trouble = f"the journal cannot be written: {error.strerror or error}"
            return False
        self.trouble = ""
        return True

    def _seal(self) -> None:
        if self._journal.tick() is not None:
            self.segments += 1

    def _finish(self) -> None:
        try:
            self.segments += self._journal.close() is not None
        except OSError as error:
            # It stays open as a file, and is sealed when the journal is opened again.
            self.trouble = f"the journal cannot be sealed: {error.strerror or error}"
