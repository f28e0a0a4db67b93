"""Which gateway stands between two places, and between which nobody does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sekisho.contain.points import Gateway
from sekisho.contain.regions import Atlas, Region
from sekisho.contain.severing import Cut, beyond
from sekisho.model.rules import Selector

INTERNET = Selector("internet")


@dataclass(frozen=True, slots=True)
class Unenforceable:
    """A pair of places (sites, `zone:NAME`, `internet`) that a restriction cuts where no gateway can."""

    begin: str
    end: str
    why: str


class Standing:
    """The gateways that hold now, and the traffic that passes each."""

    def __init__(self, gateways: Iterable[Gateway], atlas: Atlas) -> None:
        self._atlas = atlas
        self.gateways = tuple(g for g in gateways if g.validity.holds(atlas.at))
        self._carried = {g.name: tuple(_pairs(g, atlas)) for g in self.gateways}
        # A gateway tells addresses of its own space apart and no others: `narrowed` gives it no more.
        self._links = [
            (g.name, _only(one, g.realm), _only(other, g.realm))
            for g in self.gateways
            for one, other in self._carried[g.name]
        ]
        self._regions: dict[str, Region] = {}
        self._meeting: dict[str, frozenset[tuple[int, bool]]] = {}

    def carried(self, gateway: Gateway) -> tuple[tuple[Region, Region], ...]:
        """Both ends of each link that the gateway stands on."""
        return self._carried[gateway.name]

    def narrowed(self, gateway: Gateway, cut: Cut) -> tuple[Cut, ...]:
        """What of a cut can pass a gateway; nothing where none of it does."""
        near, far = _only(cut.near, gateway.realm), _only(cut.far, gateway.realm)
        found: dict[tuple[object, ...], Cut] = {}
        for one, other in self._carried[gateway.name]:
            pieces = [(one, other, far), (other, one, far)]
            for side, beyond_it, whole in pieces:
                to = whole if cut.whole else beyond_it
                if not near.touches(side) or not far.touches(to):
                    continue
                begin, end = near.meet(side), far.meet(to)
                found.setdefault(
                    (tuple(begin.spans.items()), tuple(end.spans.items())),
                    Cut(cut.what, begin, end, cut.initiated, cut.whole),
                )
        return tuple(found.values())

    def unenforceable(self, cut: Cut) -> Iterator[Unenforceable]:
        """The pairs of places between which nothing stops what is cut."""
        places = self._atlas.places
        done: set[frozenset[str]] = set()
        for begin in places(cut.near):
            for end in places(cut.far):
                pair = frozenset((begin, end))
                if pair in done or not (self._of_company(begin) or self._of_company(end)):
                    continue
                done.add(pair)
                why = self._missing(begin, end, cut)
                if why:
                    yield Unenforceable(begin, end, why)

    def _missing(self, begin: str, end: str, cut: Cut) -> str | None:
        near = cut.near.meet(self._region(begin))
        far = cut.far.meet(self._region(end))
        partly = ""
        for place in sorted(self._sides(begin) & {(n, not side) for n, side in self._sides(end)}):
            gateway, left, right = self._side(*place)
            if near.within(left) and far.within(right):
                return None
            if near.touches(left) and far.touches(right):
                partly = gateway
        if begin == end:
            return f"no gateway stands within {begin}"
        if not set(near.spans) & set(far.spans):
            return f"no gateway sees the addresses of both {begin} and {end}: their spaces differ"
        if partly:
            return f"{partly} carries only a part of {begin} <-> {end}"
        return f"no gateway of gateways.yaml carries {begin} <-> {end}"

    def _sides(self, place: str) -> frozenset[tuple[int, bool]]:
        """The links, by number, with addresses of a place at one end: the second where the word is true."""
        found = self._meeting.get(place)
        if found is None:
            region = self._region(place)
            found = self._meeting[place] = frozenset(
                (number, second)
                for number, (_, *ends) in enumerate(self._links)
                for second in (False, True)
                if region.touches(ends[second])
            )
        return found

    def _side(self, number: int, second: bool) -> tuple[str, Region, Region]:
        gateway, one, other = self._links[number]
        return (gateway, other, one) if second else (gateway, one, other)

    def _of_company(self, place: str) -> bool:
        return place in self._atlas.inventory.sites

    def _region(self, place: str) -> Region:
        # Pairs of places are many where places are few.
        found = self._regions.get(place)
        if found is None:
            found = self._regions[place] = self._addresses(place)
        return found

    def _addresses(self, place: str) -> Region:
        if place == "internet":
            return self._atlas.selected(INTERNET)
        if place.startswith("zone:"):
            return self._atlas.selected(Selector("zone", place.removeprefix("zone:")))
        return self._atlas.site(place)


def _only(region: Region, realm: str) -> Region:
    """The addresses of one realm."""
    spans = region.spans.get(realm, ())
    return Region({realm: spans} if spans else {})


def _pairs(gateway: Gateway, atlas: Atlas) -> Iterator[tuple[Region, Region]]:
    for near, far in gateway.links:
        if any(selector.kind == "any" for selector in near):
            near, far = far, near
        one = atlas.all_selected(near)
        yield one, beyond(far, one, atlas)
