"""Which prefix holds an address: longest first, by realm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Generic, TypeVar

from sekisho.model.addresses import IPNetwork, number

V = TypeVar("V")


class PrefixTable(Generic[V]):
    """Values by realm and prefix. A value may be stored under a prefix several times."""

    def __init__(self) -> None:
        self._realms: dict[str, dict[int, dict[int, list[V]]]] = {}

    def add(self, realm: str, prefix: IPNetwork, value: V) -> None:
        """Store one more value."""
        length = mapped_length(prefix)
        lengths = self._realms.setdefault(realm, {})
        if length not in lengths:
            lengths[length] = defaultdict(list)
            self._realms[realm] = dict(sorted(lengths.items(), reverse=True))
            lengths = self._realms[realm]
        lengths[length][number(prefix.network_address) >> (128 - length)].append(value)

    def holding(self, realm: str, value: int, length: int = 128) -> Iterator[V]:
        """Values of the prefixes that hold the 128-bit number `value` (or the whole prefix of
        that `length` that begins there), longest prefix first."""
        for size, prefixes in self._realms.get(realm, {}).items():
            if size <= length:
                found = prefixes.get(value >> (128 - size))
                if found:
                    yield from found

    def holding_prefix(self, realm: str, prefix: IPNetwork) -> Iterator[V]:
        """Values of the prefixes that hold all of `prefix`, longest first."""
        return self.holding(realm, number(prefix.network_address), mapped_length(prefix))


def mapped_length(prefix: IPNetwork) -> int:
    """The prefix length with IPv4 mapped into IPv6."""
    return prefix.prefixlen + (96 if prefix.version == 4 else 0)
