"""What one gateway is to be told: every restriction in force there, narrowed to what passes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sekisho.contain.boxes import Box
from sekisho.contain.points import Gateway
from sekisho.contain.regions import Family, Region
from sekisho.contain.severing import Cut, Severed
from sekisho.contain.standing import Standing
from sekisho.model.protocols import WITH_PORTS
from sekisho.policy.ports import Span

ANY_PORT = (0, 0xFFFF)


@dataclass(frozen=True, slots=True)
class Held:
    """One restriction at one gateway. `plan` is the id of its plan, such as `P-3`."""

    plan: str
    severed: Severed
    cuts: tuple[Cut, ...]


@dataclass(frozen=True, slots=True)
class Exempt:
    """Connections that stay open for a while whatever is severed, until `until` (aware UTC)."""

    name: str
    sources: Region
    destinations: Region
    spans: tuple[Span, ...]
    until: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """All that a gateway is to enforce for us; without restrictions it enforces nothing.

    `carried` are the ends of its links. `register` where it is the register itself, not a restriction.
    """

    gateway: Gateway
    held: tuple[Held, ...] = ()
    carried: tuple[tuple[Region, Region], ...] = ()
    register: bool = False

    @property
    def name(self) -> str:
        """That of the table or list on the gateway. The register stands beside restrictions."""
        return "sekisho-policy" if self.register else "sekisho"

    @property
    def plans(self) -> str:
        """The ids of what it holds, for people."""
        return ", ".join(held.plan for held in self.held) or "none"


def order_for(
    gateway: Gateway,
    severed: Sequence[tuple[str, Severed]],
    standing: Standing,
) -> Order:
    """The order for a gateway of restrictions by the ids of their plans; those that cut nothing there
    are left out."""
    held = []
    for plan, one in severed:
        cuts = largest(piece for cut in one.cuts for piece in standing.narrowed(gateway, cut))
        if cuts:
            held.append(Held(plan, one, cuts))
    return Order(gateway, tuple(held), standing.carried(gateway))


def largest(cuts: Iterable[Cut]) -> tuple[Cut, ...]:
    """The cuts that lie in no other, in their order: at the gateway of a site that is cut from all others, and
    they from all others, the first says it all."""
    listed = list(cuts)
    kept: list[tuple[int, Cut]] = []
    for place, cut in sorted(enumerate(listed), key=lambda one: -_reach(one[1])):
        if not any(_inside(cut, other) for _, other in kept):
            kept.append((place, cut))
    return tuple(cut for _, cut in sorted(kept, key=lambda one: one[0]))


def _reach(cut: Cut) -> int:
    """How many pairs of addresses it cuts: no cut lies in one that cuts fewer."""
    near, far = (
        sum(last - first + 1 for spans in region.spans.values() for first, last in spans)
        for region in (cut.near, cut.far)
    )
    return near * far * (2 if cut.initiated == "both" else 1)


def _inside(cut: Cut, other: Cut) -> bool:
    if cut.whole != other.whole or other.initiated not in ("both", cut.initiated):
        return False
    if cut.near.within(other.near) and cut.far.within(other.far):
        return True
    return other.initiated == "both" and cut.near.within(other.far) and cut.far.within(other.near)


def pairs(
    sources: Region, destinations: Region, realm: str, family: Family
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """The ranges of sources with the ranges of destinations, as one family's own numbers."""
    for source in sources.of(realm, family):
        for destination in destinations.of(realm, family):
            yield source, destination


def kept_boxes(held: Held, realm: str, family: Family) -> Iterator[Box]:
    """(sources, destinations, protocols, ports) of what stays open of that which is cut, seen from who
    begins it."""
    ways = [way for cut in held.cuts for way in cut.ways()]
    for one in held.severed.kept:
        for sources, destinations in one.within(ways):
            yield from service_boxes(sources, destinations, one.spans, realm, family)


def service_boxes(
    sources: Region, destinations: Region, spans: Sequence[Span], realm: str, family: Family
) -> Iterator[Box]:
    """(sources, destinations, protocols, ports) of connections."""
    for source, destination in pairs(sources, destinations, realm, family):
        for span in spans:
            for protocols, ports in services(span):
                yield source, destination, protocols, ports


def services(span: Span) -> Iterator[Box]:
    """A span of services as (protocols, ports); protocols without ports have all of them."""
    first, last = span
    while first <= last:
        protocol, port = first >> 16, first & 0xFFFF
        if port == 0 and last >= (protocol << 16 | 0xFFFF):
            top = (last + 1 >> 16) - 1
            yield (protocol, top), ANY_PORT
            first = (top + 1) << 16
            continue
        high = min(last, protocol << 16 | 0xFFFF) & 0xFFFF
        yield (protocol, protocol), (port, high) if protocol in WITH_PORTS else ANY_PORT
        first = (protocol << 16 | high) + 1
