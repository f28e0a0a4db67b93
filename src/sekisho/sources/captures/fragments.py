"""Putting IP fragments together, within bounds. Fragments that overlap are thrown away (RFC 5722)."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

PACKETS_LIMIT = 4096
BYTES_LIMIT = 8 << 20
LARGEST = 65_535
PIECES_LIMIT = 256
"""Fragments of one packet; 65,535 bytes over the smallest usual link are fewer."""
TIMEOUT = 30_000_000
"""Microseconds of the capture after which what is not whole is given up."""

Key = tuple[int, int, int, int, int]
"""Both addresses as halves of the source, halves of the destination, and what the fragments share."""


@dataclass(slots=True)
class _Parts:
    since: int
    pieces: dict[int, bytes] = field(default_factory=dict)
    total: int = -1
    broken: bool = False


class Reassembly:
    """Packets in parts, the oldest given up first."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[Key, _Parts] = OrderedDict()
        self._bytes = 0
        self.given_up = 0
        """Packets that never became whole."""

    def add(self, key: Key, offset: int, piece: bytes, when: int, *, more: bool) -> bytes | None:
        """Take a fragment; the whole content where it was the last one missing."""
        self._expire(when)
        parts = self._waiting.get(key)
        if parts is None:
            parts = self._waiting[key] = _Parts(when)
        end = offset + len(piece)
        overlaps = any(at < end and offset < at + len(old) for at, old in parts.pieces.items())
        if (
            end > LARGEST
            or len(parts.pieces) >= PIECES_LIMIT
            or (overlaps and parts.pieces.get(offset) != piece)
        ):
            parts.broken = True
        if not parts.broken and offset not in parts.pieces:
            parts.pieces[offset] = piece
            self._bytes += len(piece)
        if not more:
            parts.total = end
        if not parts.broken and sum(map(len, parts.pieces.values())) == parts.total:
            self._drop(key)
            return b"".join(parts.pieces[at] for at in sorted(parts.pieces))
        while len(self._waiting) > PACKETS_LIMIT or self._bytes > BYTES_LIMIT:
            self._drop(next(iter(self._waiting)))
            self.given_up += 1
        return None

    def finish(self) -> int:
        """How many packets never became whole; they are gone."""
        self.given_up += len(self._waiting)
        self._waiting.clear()
        self._bytes = 0
        return self.given_up

    def _expire(self, when: int) -> None:
        while self._waiting:
            key, parts = next(iter(self._waiting.items()))
            if when - parts.since <= TIMEOUT:
                return
            self._drop(key)
            self.given_up += 1

    def _drop(self, key: Key) -> None:
        self._bytes -= sum(map(len, self._waiting.pop(key).pieces.values()))
