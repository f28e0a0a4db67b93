"""Data whose template has not come yet, within bounds."""

from __future__ import annotations

from collections import Counter
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

    `each_limit` bounds the bytes that wait for one template, and one owner takes at most the part
    `1 / owners` of all room, so that an exporter that never announces any leaves room for the others.
    """

    def __init__(
        self,
        *,
        bytes_limit: int = BYTES_LIMIT,
        sets_limit: int = SETS_LIMIT,
        each_limit: int = BYTES_LIMIT,
        owners: int = 1,
    ) -> None:
        self._sets: dict[Key, list[WaitingSet]] = {}
        self._bytes = 0
        self._count = 0
        self._bytes_limit = bytes_limit
        self._sets_limit = sets_limit
        self._each_limit = each_limit
        self._owners = owners
        self._of_key: dict[Key, int] = {}
        self._owner: dict[Key, str] = {}
        self._bytes_of: Counter[str] = Counter()
        self._count_of: Counter[str] = Counter()

    def __bool__(self) -> bool:
        return bool(self._sets)

    def wanted(self) -> Iterable[Key]:
        """What is waited for."""
        return tuple(self._sets)

    def of(self, key: Key) -> Sequence[WaitingSet]:
        """The sets that wait for one template."""
        return self._sets.get(key, [])

    def add(self, key: Key, one: WaitingSet, owner: str = "") -> bool:
        """Keep a set; False where there is no room and it is given up.

        `owner` is the exporter of the key's session, always the same for one key.
        """
        size = len(one.body)
        if self._bytes + size > self._bytes_limit or self._count >= self._sets_limit:
            return False
        if self._bytes_of[owner] + size > self._bytes_limit // self._owners:
            return False
        if self._count_of[owner] >= self._sets_limit // self._owners:
            return False
        own = self._of_key.get(key, 0) + size
        if own > self._each_limit:
            return False
        self._of_key[key] = own
        self._owner[key] = owner
        self._bytes_of[owner] += size
        self._count_of[owner] += 1
        self._sets.setdefault(key, []).append(one)
        self._bytes += size
        self._count += 1
        return True

    def take(self, key: Key) -> list[WaitingSet]:
        """The sets that waited for one template; they wait no more."""
        sets = self._sets.pop(key, [])
        self._of_key.pop(key, None)
        size = sum(len(one.body) for one in sets)
        self._bytes -= size
        self._count -= len(sets)
        if key in self._owner:
            owner = self._owner.pop(key)
            self._bytes_of[owner] -= size
            self._count_of[owner] -= len(sets)
        return sets

    def take_all(self) -> Iterator[tuple[Key, WaitingSet]]:
        """All that waits; nothing waits any more."""
        for key in self.wanted():
            for one in self.take(key):
                yield key, one
