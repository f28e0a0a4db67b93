"""Data whose template has not come yet, within bounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

BYTES_LIMIT = 16 << 20
SETS_LIMIT = 65_536
"""What is kept of all exporters together; more is given up as it comes."""

Key = tuple[int, int]
"""Session and template id."""


@dataclass(frozen=True, slots=True)
class WaitingSet:
    """The content of a set, with what its message said."""

    body: bytes
    export: int
    uptime: int
    row: int


class Waiting:
    """Sets by session and template id, in the order in which they came.

    `each_limit` bounds the bytes that wait for one template, so that an exporter that never announces
    one leaves room for the others.
    """

    def __init__(
        self,
        *,
        bytes_limit: int = BYTES_LIMIT,
        sets_limit: int = SETS_LIMIT,
        each_limit: int = BYTES_LIMIT,
    ) -> None:
        self._sets: dict[Key, list[WaitingSet]] = {}
        self._bytes = 0
        self._count = 0
        self._bytes_limit = bytes_limit
        self._sets_limit = sets_limit
        self._each_limit = each_limit
        self._of_key: dict[Key, int] = {}

    def __bool__(self) -> bool:
        return bool(self._sets)

    def wanted(self) -> Iterable[Key]:
        """What is waited for."""
        return tuple(self._sets)

    def of(self, key: Key) -> Sequence[WaitingSet]:
        """The sets that wait for one template."""
        return self._sets.get(key, [])

    def add(self, key: Key, one: WaitingSet) -> bool:
        """Keep a set; False where there is no room and it is given up."""
        if self._bytes + len(one.body) > self._bytes_limit or self._count >= self._sets_limit:
            return False
        own = self._of_key.get(key, 0) + len(one.body)
        if own > self._each_limit:
            return False
        self._of_key[key] = own
        self._sets.setdefault(key, []).append(one)
        self._bytes += len(one.body)
        self._count += 1
        return True

    def take(self, key: Key) -> list[WaitingSet]:
        """The sets that waited for one template; they wait no more."""
        sets = self._sets.pop(key, [])
        self._of_key.pop(key, None)
        self._bytes -= sum(len(one.body) for one in sets)
        self._count -= len(sets)
        return sets

    def take_all(self) -> Iterator[tuple[Key, WaitingSet]]:
        """All that waits; nothing waits any more."""
        for key in self.wanted():
            for one in self.take(key):
                yield key, one
