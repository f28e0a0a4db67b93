"""The selectors of a proposed rule's end: what exists already first, and never wider than was seen.

Existing groups and zones, the narrowest first, where enough of their known members were seen; then
single assets; then prefixes up to a cap, where enough of their addresses were seen; then addresses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_network

from sekisho.inventory.register import Placement
from sekisho.model.addresses import IPAddress, IPNetwork, bounds, number
from sekisho.model.rules import Selector
from sekisho.policy.classes import members
from sekisho.policy.judge import End
from sekisho.policy.language import Word
from sekisho.policy.places import Places, names
from sekisho.policy.ports import union
from sekisho.policy.selectors import read_selector

MANY = 3
"""Members seen before a group wider than the cap is named whatever its share."""
MAX_ROWS = 4
"""Rows of one hostname in assets.csv; a name that more share is no single host."""
_NARROWEST_CAPS = {4: 20, 6: 116}


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a proposal may reach beyond what was seen.

    `v4` and `v6` are the shortest prefix lengths that are made up; `share` is the least part of a
    prefix's addresses, or of a group's known members, that must have been seen. Raises ValueError.
    """

    v4: int = 28
    v6: int = 124
    share: float = 2 / 3

    def __post_init__(self) -> None:
        if not _NARROWEST_CAPS[4] <= self.v4 <= 32 or not _NARROWEST_CAPS[6] <= self.v6 <= 128:
            raise ValueError(f"caps lie in /20 to /32 and /116 to /128, not /{self.v4}, /{self.v6}")
        if not 0 < self.share <= 1:
            raise ValueError(f"a share lies above 0 and not above 1: {self.share}")

    def cap(self, version: int) -> int:
        """The cap of an address family."""
        return self.v4 if version == 4 else self.v6

    def enough(self, seen: int, total: int) -> bool:
        """Whether so many of all are the share that is asked for."""
        return seen >= self.share * total - 1e-9


@dataclass(frozen=True, slots=True)
class Use:
    """A selector, and how much of it was seen: `seen` of `known` members, in `size` addresses."""

    selector: Selector
    seen: int
    known: int
    size: int


class Ends:
    """Chooses selectors for sets of addresses."""

    def __init__(self, places: Places, limits: Limits) -> None:
        self.places, self.inventory, self.limits = places, places.inventory, limits

    def choose(self, ends: Iterable[End]) -> dict[End, Use]:
        """A selector for each address, from the same site or zone, such that all are covered."""
        left = {end: self.places.place(end) for end in sorted(set(ends), key=_order)}
        found: dict[End, Use] = {}
        for use, covered in self._groups(left):
            for end in covered:
                if end in left:
                    del left[end]
                    found[end] = use
        for end in [end for end in left if self._hostname(left[end])]:
            asset = left.pop(end).asset
            rows = self.inventory.hostnames[asset.hostname.casefold()] if asset else ()
            found[end] = Use(Selector("asset", rows[0].hostname), 1, 1, len(rows))
        for use, covered in self._prefixes(list(left)):
            found.update(dict.fromkeys(covered, use))
        return found

    def _groups(self, ends: dict[End, Placement]) -> list[tuple[Use, list[End]]]:
        by_name: dict[str, list[End]] = defaultdict(list)
        for end, place in ends.items():
            for name in names(place):
                by_name[name].append(end)
        found: list[tuple[Use, list[End]]] = []
        for name, covered in by_name.items():
            selector = read_selector(Word(name, 0), self.inventory)
            if not isinstance(selector, Selector):
                continue
            size, wide = self._size(selector)
            known = len(self.places.known(name) | {(realm, number(a)) for realm, a in covered})
            if wide and len(covered) < MANY:
                continue
            if self.limits.enough(len(covered), known):
                found.append((Use(selector, len(covered), known, size), covered))
        return sorted(found, key=lambda item: (item[0].size, str(item[0].selector)))

    def _size(self, selector: Selector) -> tuple[int, bool]:
        """How many addresses a group or zone holds, and whether those are more than a cap's prefix."""
        if selector.kind == "zone":
            prefixes = [dated.prefix for dated in self.inventory.zones[selector.value].prefixes]
        else:
            prefixes = [prefix for _, prefix, _, _ in members(self.inventory, selector)]
        total, wide = 0, False
        for version in (4, 6):
            same = [p for p in prefixes if p.version == version]
            size = sum(last - first + 1 for first, last in union(map(bounds, same)))
            wide = wide or size > 1 << ((32 if version == 4 else 128) - self.limits.cap(version))
            total += size
        return total, wide

    def _hostname(self, place: Placement) -> bool:
        """Whether the asset's name means this host alone, and reads back."""
        if place.asset is None or place.site is None:
            return False
        name = place.asset.hostname
        rows = self.inventory.hostnames.get(name.casefold(), ())
        word = f"asset:{name}"
        return (
            len(rows) <= MAX_ROWS
            and all(row.site == place.site for row in rows)
            and word.isprintable()
            and not set(word) & set(" ,<>→←↔")
            and "->" not in word
            and isinstance(read_selector(Word(word, 0), self.inventory), Selector)
        )

    def _prefixes(self, ends: Sequence[End]) -> list[tuple[Use, list[End]]]:
        left = {end: self.places.realm(end) or "" for end in ends}
        found: list[tuple[Use, list[End]]] = []
        for version in (4, 6):
            full = 32 if version == 4 else 128
            for length in range(self.limits.cap(version), full + 1):
                inside: dict[tuple[str, int], list[End]] = defaultdict(list)
                for end, realm in left.items():
                    if end[1].version == version:
                        inside[realm, int(end[1]) >> (full - length)].append(end)
                size = 1 << (full - length)
                for (realm, _), covered in inside.items():
                    addresses = {end[1] for end in covered}
                    if not self.limits.enough(len(addresses), size):
                        continue
                    prefix = ip_network((covered[0][1], length), strict=False)
                    if length < full and not self._free(realm, prefix, addresses, covered):
                        continue
                    value = str(prefix.network_address) if length == full else str(prefix)
                    use = Use(Selector("prefix", value, prefix, realm), len(addresses), size, size)
                    found.append((use, covered))
                    for end in covered:
                        del left[end]
        return found

    def _free(
        self, realm: str, prefix: IPNetwork, seen: set[IPAddress], covered: Sequence[End]
    ) -> bool:
        """Whether the unseen addresses of a prefix are nobody else's: of the same site all the time
        since, and no registered hosts."""
        place = self.places.place(covered[0])
        homes = self.inventory.sites_of(realm, prefix)
        if not self.inventory.registered(realm, prefix) or (place.site and homes != {place.site}):
            return False
        for address in prefix:
            if address in seen:
                continue
            other = self.inventory.place(realm, address, self.places.at)
            if other.site != place.site or self.places.registered(realm, number(address)):
                return False
        return True


def _order(end: End) -> tuple[str, int]:
    return end[0], number(end[1])
