"""Where the ends of the evidence were, all the time that they were seen."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sekisho.inventory.register import Inventory, Placement
from sekisho.model.addresses import number
from sekisho.policy.classes import single
from sekisho.policy.judge import End
from sekisho.policy.observed import Observed


class Places:
    """The ends of all connections of the evidence. `at` is the time that stands for now."""

    def __init__(self, inventory: Inventory, evidence: Iterable[Observed], at: datetime) -> None:
        self.inventory, self.at = inventory, at
        self._spans: dict[End, tuple[datetime, datetime]] = {}
        for found in evidence:
            for end in (found.source, found.destination):
                first, last = self._spans.get(end, (found.first_seen, found.last_seen))
                self._spans[end] = min(first, found.first_seen), max(last, found.last_seen)
        self._places: dict[End, Placement] = {}
        self._assets = {(asset.realm, number(asset.address)) for asset in inventory.assets}
        self._known = self._populations()

    def _populations(self) -> dict[str, set[tuple[str, int]]]:
        """Members known of each group and zone: registered one by one, or seen in the evidence."""
        found: dict[str, set[tuple[str, int]]] = defaultdict(set)
        ends = {*self._spans, *((asset.realm, asset.address) for asset in self.inventory.assets)}
        for group in self.inventory.groups.values():
            realm = self.inventory.sites[group.site].realm
            hosts = [m.prefix for m in group.members if m.prefix.prefixlen == m.prefix.max_prefixlen]
            ends.update((realm, prefix.network_address) for prefix in hosts)
        for realm, address in ends:
            place = self.inventory.place(realm, address, self.at)
            for name in names(place):
                found[name].add((realm, number(address)))
        return found

    def place(self, end: End) -> Placement:
        """Where an end was during all of its evidence. What changed meanwhile is left out; a site that
        changed is None."""
        known = self._places.get(end)
        if known is not None:
            return known
        first, last = self._spans[end]
        points = self.inventory.change_points
        between = points[bisect_right(points, first) : bisect_right(points, last)]
        places = [self.inventory.place(*end, at) for at in (first, *between)]
        kept = places[-1]
        same = all(place.site == kept.site for place in places)
        asset = kept.asset
        if asset is not None and any(
            place.asset is None or place.asset.hostname != asset.hostname for place in places
        ):
            asset = None
        result = Placement(
            kept.scope,
            kept.site if same else None,
            kept.country,
            tuple(g for g in kept.groups if all(g in place.groups for place in places)),
            asset,
            tuple(z for z in kept.zones if all(z in place.zones for place in places)),
            kept.globally_routable,
        )
        self._places[end] = result
        return result

    def known(self, name: str) -> set[tuple[str, int]]:
        """(realm, number) of the known members of a group or zone."""
        return self._known.get(name, set())

    def registered(self, realm: str, address_number: int) -> bool:
        """Whether assets.csv has a host of that address."""
        return (realm, address_number) in self._assets

    def home(self, end: End) -> str:
        """The site of an end, else its zone; `moved` where it was in several sites."""
        place = self.place(end)
        return place.site or next(iter(place.zones), "moved")

    def realm(self, end: End) -> str | None:
        """The realm in which a selector names the address, since the internet is in the default one
        too; None where no rule can name it."""
        prefix = single(end[1])
        return next((r for r in (end[0], "") if self.inventory.registered(r, prefix)), None)


def names(place: Placement) -> Sequence[str]:
    """Groups and zones as selectors write them."""
    return [*place.groups, *(f"zone:{zone}" for zone in place.zones)]
