"""Which gateway stands between two places, and between which nobody does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sekisho.contain.points import Gateway
from sekisho.contain.regions import Atlas, Region, everything
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

    def carried(self, gateway: Gateway) -> tuple[tuple[Region, Region], ...]:
        """Both ends of each link that the gateway stands on."""
        return self._carried[gateway.name]

    def narrowed(self, gateway: Gateway, cut: Cut) -> tuple[Cut, ...]:
        """What of a cut can pass a gateway; nothing where none of it does."""
        realm = Region({gateway.realm: everything((gateway.realm,)).spans[gateway.realm]})
        near, far = cut.near.meet(realm), cut.far.meet(realm)
        found: dict[tuple[str, ...], Cut] = {}
        for one, other in self._carried[gateway.name]:
            if cut.whole:
                pieces = [(near.meet(side), far) for side in (one, other)]
            else:
                pieces = [(near.meet(one), far.meet(other)), (near.meet(other), far.meet(one))]
            for begin, end in pieces:
                if begin and end:
                    found.setdefault(
                        (str(begin.spans), str(end.spans)),
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
        for gateway in self.gateways:
            for one, other in self._carried[gateway.name]:
                for left, right in ((one, other), (other, one)):
                    if near.within(left) and far.within(right):
                        return None
                    if near.meet(left) and far.meet(right):
                        partly = gateway.name
        if begin == end:
            return f"no gateway stands within {begin}"
        if partly:
            return f"{partly} carries only a part of {begin} <-> {end}"
        return f"no gateway of gateways.yaml carries {begin} <-> {end}"

    def _of_company(self, place: str) -> bool:
        return place in self._atlas.inventory.sites

    def _region(self, place: str) -> Region:
        if place == "internet":
            return self._atlas.selected(INTERNET)
        if place.startswith("zone:"):
            return self._atlas.selected(Selector("zone", place.removeprefix("zone:")))
        return self._atlas.site(place)


def _pairs(gateway: Gateway, atlas: Atlas) -> Iterator[tuple[Region, Region]]:
    for near, far in gateway.links:
        if any(selector.kind == "any" for selector in near):
            near, far = far, near
        one = atlas.all_selected(near)
        yield one, beyond(far, one, atlas)
