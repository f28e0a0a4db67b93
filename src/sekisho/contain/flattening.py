"""Several restrictions as one list in which the first line that matches decides: what stays open, then
what is cut. What one keeps and another cuts is cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sekisho.contain.orders import Held, Order
from sekisho.contain.regions import V4, Family, Region
from sekisho.policy.ports import Span, meet, union, within


@dataclass(frozen=True, slots=True)
class Opening:
    """Connections that every restriction leaves open although one cuts their ends. `name` says why."""

    name: str
    sources: Region
    destinations: Region
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Closing:
    """Connections that a plan cuts where no opening says otherwise, seen from who begins them."""

    plan: str
    what: str
    sources: Region
    destinations: Region


@dataclass(frozen=True, slots=True)
class Flat:
    """All restrictions of a gateway. Openings go before closings; neither has an order of its own."""

    openings: tuple[Opening, ...]
    closings: tuple[Closing, ...]


def flat(order: Order) -> Flat:
    """The restrictions of an order as one list."""
    found: list[Opening] = []
    for held in order.held:
        pieces = list(_openings(held))
        for other in order.held:
            if other is not held:
                pieces = [left for piece in pieces for left in _spared(piece, other)]
        found += pieces
    closings = [
        Closing(held.plan, cut.what, sources, destinations)
        for held in order.held
        for cut in held.cuts
        for sources, destinations in cut.ways()
    ]
    return Flat(tuple(_widest(found)), tuple(_broadest(closings)))


def family_spans(region: Region, realm: str, family: Family) -> tuple[tuple[int, int], ...]:
    """The spans of one family in its own numbers. No IPv6 packet bears a mapped IPv4 address, so a span
    that goes on behind these does not end before them."""
    spans = region.of(realm, family)
    if family == 6:
        before = any(last == V4[0] - 1 for _, last in spans)
        behind = any(first == V4[1] + 1 for first, _ in spans)
        if before and behind:
            return union((*spans, V4))
    return spans


def _openings(held: Held) -> Iterator[Opening]:
    ways = [way for cut in held.cuts for way in cut.ways()]
    for kept in held.severed.kept:
        for sources, destinations in kept.within(ways):
            yield Opening(kept.name, sources, destinations, kept.spans)


def _spared(opening: Opening, held: Held) -> Iterator[Opening]:
    """What of an opening a restriction does not cut: it keeps it too, or concerns other ends."""
    for kept in held.severed.kept:
        sources = opening.sources.meet(kept.sources)
        destinations = opening.destinations.meet(kept.destinations)
        spans = meet(opening.spans, kept.spans)
        if sources and destinations and spans:
            yield Opening(opening.name, sources, destinations, spans)
    pieces = [opening]
    for cut in held.cuts:
        for sources, destinations in cut.ways():
            pieces = [left for one in pieces for left in _outside(one, sources, destinations)]
    yield from pieces


def _outside(opening: Opening, sources: Region, destinations: Region) -> Iterator[Opening]:
    inside = opening.sources.meet(sources)
    beyond = opening.sources.minus(sources)
    if beyond:
        yield replace(opening, sources=beyond)
    elsewhere = opening.destinations.minus(destinations)
    if inside and elsewhere:
        yield replace(opening, sources=inside, destinations=elsewhere)


def _widest(openings: Iterable[Opening]) -> list[Opening]:
    kept: list[Opening] = []
    for one in openings:
        if any(_covers(other, one) for other in kept):
            continue
        kept = [other for other in kept if not _covers(one, other)] + [one]
    return kept


def _covers(wide: Opening, one: Opening) -> bool:
    return (
        one.sources.within(wide.sources)
        and one.destinations.within(wide.destinations)
        and within(one.spans, wide.spans)
    )


def _broadest(closings: Iterable[Closing]) -> list[Closing]:
    kept: list[Closing] = []
    for one in closings:
        if not any(
            one.sources.within(other.sources) and one.destinations.within(other.destinations)
            for other in kept
        ):
            kept.append(one)
    return kept
