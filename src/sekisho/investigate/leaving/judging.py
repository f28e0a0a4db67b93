"""Which of the moves of an incident's assets were data taken away: to parties outside, and on the way there.

A move within the company is named where what it brought together went on from there, or where it is large
by itself. So the two are weighed in turns until nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sekisho.investigate.fabric import RESIDUAL, ROLES, Fabric
from sekisho.investigate.factors.base import Weight, likelihood
from sekisho.investigate.leaving import factors
from sekisho.investigate.leaving.excess import Excess
from sekisho.investigate.leaving.moves import FLOOR, SCREENS
from sekisho.investigate.leaving.parties import Party
from sekisho.model.protocols import TCP
from sekisho.model.verdicts import Rank

ROUNDS = 4
_DATA = {ROLES.index(role) for role in ("file", "database")}
_ADMINISTRATION = {ROLES.index("administration")}


@dataclass(frozen=True, slots=True)
class Item:
    """What went from host `src` to host `dst`, over whichever connections; `collected` is what had come
    into `src` before."""

    src: int
    dst: int
    parts: tuple[Excess, ...]
    weights: tuple[Weight, ...] = ()
    collected: tuple[Item, ...] = ()

    @property
    def first(self) -> int:
        """Microseconds."""
        return min(part.first for part in self.parts)

    @property
    def last(self) -> int:
        """Microseconds."""
        return max(part.last for part in self.parts)

    @property
    def low(self) -> int:
        """The least that it was, in bytes."""
        return sum(part.low for part in self.parts)

    @property
    def spread(self) -> int:
        """How much more it may have been."""
        return sum(part.spread for part in self.parts)

    @property
    def flags(self) -> int:
        """Of all its flows."""
        found = 0
        for part in self.parts:
            found |= part.flags
        return found

    @property
    def daily(self) -> dict[int, int]:
        """The least that it was on each day, by the day's number."""
        found: dict[int, int] = {}
        for day in (day for part in self.parts for day in part.days):
            found[day.day] = found.get(day.day, 0) + day.low
        return found

    @property
    def rows(self) -> list[int]:
        """Its connections."""
        return sorted({part.way.row for part in self.parts})

    @property
    def total(self) -> float:
        """The sum of the weights."""
        return sum(weight.value for weight in self.weights)

    @property
    def likelihood(self) -> float:
        """As a probability."""
        return likelihood(self.total)


@dataclass(frozen=True, slots=True)
class Incident:
    """What is known before: assets in scope with the time at which they were reached, connections that were
    steps, outside parties that have a part in it, who stands behind addresses, and hosts that relay."""

    fabric: Fabric
    since: Mapping[int, int]
    steps: frozenset[int]
    steering: frozenset[int]
    parties: Mapping[int, Party]
    relays: frozenset[int] = frozenset()

    def outside(self, host: int) -> bool:
        """Whether it is no host of the company."""
        return not self.fabric.internal(host)


def judge(found: Iterable[Excess], incident: Incident) -> list[Item]:
    """What was taken away, in order of time."""
    pairs: dict[tuple[int, int], list[Excess]] = {}
    for one in found:
        within = not incident.outside(one.way.dst)
        if within and _screen(incident.fabric, one.way.row):
            continue
        pairs.setdefault((one.way.src, one.way.dst), []).append(one)
    items = [Item(src, dst, tuple(parts)) for (src, dst), parts in sorted(pairs.items())]
    items = [item for item in items if item.low + item.spread >= FLOOR]
    sent = [item for item in items if incident.outside(item.dst)]
    moved = [item for item in items if not incident.outside(item.dst)]
    kept: list[Item] = []
    for _ in range(ROUNDS):
        before = {(item.src, item.dst): item.total for item in kept}
        into = [item for item in kept if not incident.outside(item.dst)]
        weighed = [*_sent(sent, into, incident), *_moved(moved, kept, incident)]
        kept = [item for item in weighed if item.total > 0]
        if {(item.src, item.dst): item.total for item in kept} == before:
            break
    return sorted(kept, key=lambda item: (item.first, item.src, item.dst))


def _sent(items: Sequence[Item], into: Sequence[Item], incident: Incident) -> Iterator[Item]:
    senders: dict[int, set[int]] = {}
    for item in items:
        senders.setdefault(item.dst, set()).add(item.src)
    for item in items:
        collected = tuple(
            replace(one, collected=()) for one in into if one.dst == item.src and one.first < item.last
        )
        known = _outside(item, collected, len(senders[item.dst]) - 1, incident)
        yield replace(item, weights=tuple(factors.outside(known)), collected=collected)


def _moved(items: Sequence[Item], kept: Sequence[Item], incident: Incident) -> Iterator[Item]:
    likely = {(item.src, item.dst) for item in kept}
    for item in items:
        onward = [
            one for one in kept if one.src == item.dst and one.dst != item.src and one.last > item.first
        ]
        sources = {src for src, dst in likely if dst == item.dst} | {item.src}
        known = _inside(item, sum(one.low for one in onward), len(sources), incident)
        collected = tuple(
            one for one in kept if one.dst == item.src and one.src != item.dst and one.first < item.last
        )
        yield replace(item, weights=tuple(factors.inside(known)), collected=collected)


def _screen(fabric: Fabric, row: int) -> bool:
    return int(fabric.protocol[row]) == TCP and int(fabric.port[row]) in SCREENS


def _sum(item: Item) -> factors.Sum:
    daily = item.daily
    return factors.Sum(
        low=item.low,
        high=item.low + item.spread,
        back=sum(part.back for part in item.parts),
        days=len(daily),
        flows=sum(part.flows for part in item.parts),
        most=max(daily.values(), default=0),
    )


def _outside(item: Item, collected: Sequence[Item], shared: int, incident: Incident) -> factors.Outside:
    fabric, rows = incident.fabric, item.rows
    peers = fabric.of_host(item.dst)
    ends = np.concatenate([fabric.src[peers], fabric.dst[peers]])
    others = {int(h) for h in np.unique(ends) if fabric.internal(int(h))}
    others -= incident.since.keys() | incident.relays
    ranks = {int(fabric.rank[row]) for row in rows}
    return factors.Outside(
        total=_sum(item),
        ages=frozenset(part.age for part in item.parts),
        text=next((part.text for part in item.parts if part.text), ""),
        steers=item.dst in incident.steering,
        known_pair=_known_pair(item, incident),
        others=len(others),
        clients=max((_clients(fabric, part) for part in item.parts if part.way.pulled), default=0),
        ports=frozenset(int(fabric.port[row]) for row in rows),
        forbidden=bool(ranks & RESIDUAL),
        allowed=int(Rank.AUTHORIZED) in ranks,
        party=incident.parties.get(item.dst),
        shared=shared,
        collected=sum(one.low for one in collected),
        sources=len({one.src for one in collected}),
    )


def _inside(item: Item, onward: int, sources: int, incident: Incident) -> factors.Inside:
    fabric, rows = incident.fabric, item.rows
    roles = {int(fabric.role[row]) for row in rows}
    return factors.Inside(
        total=_sum(item),
        ages=frozenset(part.age for part in item.parts),
        text=next((part.text for part in item.parts if part.text), ""),
        step=bool(incident.steps & set(rows)),
        forbidden=bool({int(fabric.rank[row]) for row in rows} & RESIDUAL),
        data=bool(roles & _DATA),
        administration=roles <= _ADMINISTRATION,
        fan=max(_fan(incident, part) for part in item.parts),
        onward=onward,
        sources=sources,
    )


def _known_pair(item: Item, incident: Incident) -> bool:
    reached = incident.since.get(item.src, 0)
    return any(int(incident.fabric.pair_first[row]) < reached for row in item.rows)


def _clients(fabric: Fabric, part: Excess) -> int:
    """Outside parties that use the same service of the asset."""
    rows = fabric.of_host(part.way.src)
    same = (fabric.dst[rows] == part.way.src) & (fabric.service[rows] == fabric.service[part.way.row])
    return sum(not fabric.internal(int(h)) for h in np.unique(fabric.src[rows[same]]))


def _fan(incident: Incident, part: Excess) -> int:
    """Hosts beside those in scope with which the one that gathers deals in the same way and service."""
    fabric, way = incident.fabric, part.way
    rows = fabric.of_host(way.dst)
    rows = rows[fabric.rank[rows] != int(Rank.ATTEMPTED)]
    own, other = (fabric.src, fabric.dst) if way.pulled else (fabric.dst, fabric.src)
    same = (own[rows] == way.dst) & (fabric.service[rows] == fabric.service[way.row])
    return len({int(h) for h in np.unique(other[rows[same]])} - incident.since.keys())
