"""Where a listener receives into: records are made in place, and handed over many at once."""

from __future__ import annotations

from sekisho.sources.journal.framing import HEAD, PAYLOAD_LIMIT, seal_in_place
from sekisho.sources.listeners.backlog import Backlog
from sekisho.sources.listeners.counters import Counters

BLOCK = 1 << 20
_LAST = BLOCK - HEAD.size - PAYLOAD_LIMIT


class Block:
    """Room for about a megabyte of records. What the backlog does not take is dropped and counted."""

    def __init__(self, backlog: Backlog, counters: Counters) -> None:
        self._backlog = backlog
        self._counters = counters
        self._buffer = memoryview(bytearray(BLOCK))
        self._at = 0
        self._count = 0

    def room(self) -> memoryview:
        """Where the next payload goes: room for the longest there is."""
        if self._at > _LAST:
            self.hand_over()
        start = self._at + HEAD.size
        return self._buffer[start : start + PAYLOAD_LIMIT]

    def keep(self, size: int, peer: bytes, kind: int, port: int, arrival: int) -> None:
        """What was put there becomes a record."""
        rest = (kind, port, arrival)
        self._at = seal_in_place(self._backlog.salt, self._buffer, self._at, size, peer, rest)
        self._count += 1

    def hand_over(self) -> None:
        """To the backlog with all records."""
        if self._count:
            if not self._backlog.put(bytes(self._buffer[: self._at]), self._count):
                self._counters.disk += self._count
            self._at = self._count = 0
