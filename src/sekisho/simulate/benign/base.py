"""The kinds of ordinary activity, each of which draws its flows for a stretch of time, vectorised."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from sekisho.model.protocols import TCP, UDP
from sekisho.simulate.base import DAY, HOUR, MINUTE, SECOND
from sekisho.simulate.calendar import SLOT, Calendar
from sekisho.simulate.flows import (
    APP,
    EMPTY,
    EPHEMERAL,
    OTH,
    REJ,
    RSTO,
    RSTR,
    S0,
    S1,
    SF,
    Array,
    blank,
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the period to draw for: whole slots of the calendar, `begin` included, `end` not."""

    calendar: Calendar
    begin: int
    end: int
    sites: Array
    """Site of each host, for local time; the wire's site where the inventory has none."""

    def slots(self) -> slice:
        """Its columns in `Calendar.levels`."""
        origin = self.calendar.begin
        return slice((self.begin - origin) // SLOT, (self.end - origin) // SLOT)


@dataclass(frozen=True, slots=True)
class Service:
    """What a conversation looks like: medians, log-normal; payload bytes each way and seconds."""

    proto: int
    port: int
    app: str = "-"
    out: float = 600.0
    back: float = 1500.0
    seconds: float = 0.4
    sigma: float = 0.8
    share: float = 1.0


class Activity(Protocol):
    """Something that goes on all the time. `share` is its part of the flows that are made."""

    name: str
    share: float

    def draw(self, rng: np.random.Generator, stretch: Stretch, total: float) -> Array:
        """Its flows that start inside the stretch, unsorted; `total` is meant for the whole period."""
        ...


TROUBLE = {SF: 0.955, S0: 0.004, REJ: 0.003, RSTO: 0.018, RSTR: 0.012, S1: 0.008}
"""How ordinary conversations end; the failures happen to permitted connections too."""


def dress(
    rng: np.random.Generator, flows: Array, services: tuple[Service, ...], trouble: dict[int, float]
) -> None:
    """Fill service, sizes, duration, source port and outcome of flows whose ends and start are set."""
    count = len(flows)
    parts = np.array([s.share for s in services])
    pick = np.searchsorted(np.cumsum(parts / parts.sum()), rng.random(count)).clip(
        max=len(services) - 1
    )

    def of(values: list[float]) -> Array:
        return np.take(np.array(values), pick)

    flows["proto"] = of([s.proto for s in services])
    flows["dport"] = of([s.port for s in services])
    flows["app"] = of([APP[s.app] for s in services])
    sigma = of([s.sigma for s in services])
    z = rng.standard_normal((3, count)) * sigma
    flows["out"] = of([s.out for s in services]) * np.exp(z[0]) + 1
    flows["in"] = of([s.back for s in services]) * np.exp(z[1])
    flows["duration"] = of([s.seconds for s in services]) * np.exp(z[2]) * SECOND + 200
    states = np.array(list(trouble))
    odds = np.cumsum(list(trouble.values()))
    state = states[np.searchsorted(odds / odds[-1], rng.random(count)).clip(max=len(states) - 1)]
    tcp, udp = flows["proto"] == TCP, flows["proto"] == UDP
    ports = rng.integers(EPHEMERAL, 65536, count)
    flows["sport"] = np.where(tcp | udp, ports, flows["dport"])
    icmp = ~(tcp | udp)
    flows["sport"] = np.where(icmp, np.where(flows["proto"] == 58, 128, 8), flows["sport"])
    flows["dport"] = np.where(icmp, 0, flows["dport"])
    answerless = flows["in"] == 0
    state = np.where(udp, np.where((state == S0) | answerless, S0, SF), state)
    flows["state"] = np.where(icmp, np.where(state == S0, S0, OTH), state)
    flows["app"][(flows["state"] == S0) | (flows["state"] == REJ)] = APP["-"]


def spread(rng: np.random.Generator, levels: Array, sites: Array, begin: int) -> Array:
    """Start times of flows at those sites by the intensity [site, slot] of a stretch."""
    heights = levels.sum(axis=1, keepdims=True)
    curve = np.cumsum(levels, axis=1) / np.where(heights > 0, heights, 1.0)
    curve[heights[:, 0] <= 0] = 1.0
    curve[:, -1] = 1.0
    slots = levels.shape[1]
    flat = (curve + np.arange(len(levels))[:, None]).ravel()
    at = np.searchsorted(flat, sites + rng.random(len(sites)), side="left") - sites * slots
    return np.asarray(begin + (at.clip(0, slots - 1) + rng.random(len(sites))) * SLOT).astype(np.int64)


@dataclass(slots=True)
class Calls:
    """People's and servers' calls at random times: pairs with weights, or (`cross`) any source with a
    destination from a pool whose popularity falls like Zipf's law."""

    name: str
    share: float
    src: Array
    dst: Array
    services: tuple[Service, ...]
    when: str = "office"
    weight: Array | None = None
    cross: bool = False
    label: int = 0
    window: tuple[int, int] | None = None
    trouble: dict[int, float] = field(default_factory=lambda: dict(TROUBLE))

    def draw(self, rng: np.random.Generator, stretch: Stretch, total: float) -> Array:
        """See Activity."""
        levels = stretch.calendar.levels(self.when)
        here = levels[:, stretch.slots()]
        home = stretch.sites[self.src].clip(min=0)
        weight = np.ones(len(self.src)) if self.weight is None else self.weight
        ladder = np.cumsum(weight * here.sum(axis=1)[home])
        everything = float((weight * levels.sum(axis=1)[home]).sum())
        if not len(ladder) or everything <= 0:
            return EMPTY
        count = int(total * ladder[-1] / everything + rng.random())
        if not count:
            return EMPTY
        flows = blank(count)
        pick = np.searchsorted(ladder, rng.random(count) * ladder[-1], side="right").clip(
            max=len(ladder) - 1
        )
        flows["src"] = self.src[pick]
        if self.cross:
            flows["dst"] = self.dst[(len(self.dst) * rng.random(count) ** 3).astype(np.int64)]
        else:
            flows["dst"] = self.dst[pick]
        flows["start"] = spread(rng, here, home[pick], stretch.begin)
        dress(rng, flows, self.services, self.trouble)
        flows["label"] = self.label
        return _inside(flows, self.window)


@dataclass(slots=True)
class Polls:
    """The same pairs again and again at a fixed period, with a little jitter."""

    name: str
    share: float
    src: Array
    dst: Array
    services: tuple[Service, ...]
    jitter: int = 2 * SECOND
    least: int = 60 * SECOND
    label: int = 0
    window: tuple[int, int] | None = None
    every: int | None = None
    trouble: dict[int, float] = field(default_factory=lambda: dict(TROUBLE))

    def draw(self, rng: np.random.Generator, stretch: Stretch, total: float) -> Array:
        """See Activity. The period follows from the share, whole minutes, unless `every` gives it."""
        pairs = len(self.src)
        if not pairs:
            return EMPTY
        span = stretch.calendar.days * DAY
        period = self.every or max(self.least, int(span * pairs / max(total, 1)) // MINUTE * MINUTE)
        phase = (np.arange(pairs) * 7919 * SECOND) % period
        first = -(-(stretch.begin - stretch.calendar.begin - phase) // period)
        last = -(-(stretch.end - stretch.calendar.begin - phase) // period)
        counts = (last - first).clip(min=0)
        pick = np.repeat(np.arange(pairs), counts)
        tick = np.arange(len(pick)) - np.repeat(np.cumsum(counts) - counts, counts)
        flows = blank(len(pick))
        flows["src"], flows["dst"] = self.src[pick], self.dst[pick]
        flows["start"] = stretch.calendar.begin + phase[pick] + (first[pick] + tick) * period
        flows["start"] += rng.integers(0, self.jitter + 1, len(pick))
        dress(rng, flows, self.services, self.trouble)
        flows["label"] = self.label
        return _inside(flows, self.window)


@dataclass(slots=True)
class Rounds:
    """Jobs at fixed local hours of the source's site, on some weekdays, one conversation a pair."""

    name: str
    src: Array
    dst: Array
    services: tuple[Service, ...]
    hours: tuple[float, ...]
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    label: int = 0
    window: tuple[int, int] | None = None
    share: float = 0.0
    trouble: dict[int, float] = field(default_factory=lambda: {SF: 1.0})

    def draw(self, rng: np.random.Generator, stretch: Stretch, total: float) -> Array:
        """See Activity; `total` is not used, the jobs are what they are."""
        parts = []
        home = stretch.sites[self.src].clip(min=0)
        shift = np.array(
            [stretch.calendar.offset(int(s), stretch.begin) for s in range(int(home.max()) + 1)]
        )
        midnights = np.arange(stretch.begin // DAY - 1, stretch.end // DAY + 2) * DAY
        for midnight in midnights.tolist():
            if (midnight // DAY + 3) % 7 not in self.weekdays:
                continue
            for hour in self.hours:
                # The stagger depends on the pair alone, so that no job falls between two stretches.
                stagger = (np.arange(len(self.src)) * 7907 % 1500) * SECOND + np.arange(
                    len(self.src)
                ) * 977
                start = midnight + int(hour * HOUR) - shift[home] + stagger
                keep = (start >= stretch.begin) & (start < stretch.end)
                flows = blank(int(keep.sum()))
                flows["src"], flows["dst"] = self.src[keep], self.dst[keep]
                flows["start"] = start[keep]
                dress(rng, flows, self.services, self.trouble)
                parts.append(flows)
        flows = np.concatenate(parts) if parts else EMPTY
        flows["label"] = self.label
        return _inside(flows, self.window)


def _inside(flows: Array, window: tuple[int, int] | None) -> Array:
    if window is None:
        return flows
    return flows[(flows["start"] >= window[0]) & (flows["start"] < window[1])]


def pairs(sources: Array, destinations: Array) -> tuple[Array, Array]:
    """Every source with every destination."""
    return np.repeat(sources, len(destinations)), np.tile(destinations, len(sources))


def one_each(sources: Array, destinations: Array) -> tuple[Array, Array]:
    """Every source with one destination, in turn."""
    if not len(destinations):
        return sources[:0], destinations
    return sources, destinations[np.arange(len(sources)) % len(destinations)]
