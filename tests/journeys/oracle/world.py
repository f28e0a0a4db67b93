"""What a small company is made of: sites, groups, rules and conversations, with what each sensor saw.

All times are whole microseconds since 1970 (UTC); spans are half-open, None is unbounded. Nothing here
comes from the product: what its words mean is said again in `judge`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BASE = (datetime(2024, 3, 4, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
DAYS = 8
ICMP, TCP, UDP, GRE, ICMP6 = 1, 6, 17, 47, 58

Kind = Literal["zeek", "generic", "netflow"]
Outcome = Literal["full", "silent", "rejected", "denied", "half", "cut"]
"""What became of a conversation: answered, unanswered, refused by the other end, stopped by a gateway,
data one way that nobody saw answered, or that and a reset."""


@dataclass(frozen=True)
class Span:
    """From `begin` until `end`; `written` is how the files say it."""

    begin: int | None = None
    end: int | None = None
    written: tuple[str | None, str | None] = (None, None)

    def holds(self, at: int) -> bool:
        return (self.begin is None or self.begin <= at) and (self.end is None or at < self.end)


ALWAYS = Span()


@dataclass(frozen=True)
class Member:
    """A prefix, and when it belongs."""

    prefix: Any
    span: Span = ALWAYS

    def holds(self, address: Any, at: int) -> bool:
        return address.version == self.prefix.version and address in self.prefix and self.span.holds(at)


@dataclass
class Site:
    name: str
    prefixes: list[Member]
    hosts: list[str]
    realm: str = ""
    external: str | None = None
    span: Span = ALWAYS


@dataclass(frozen=True)
class Asset:
    address: str
    hostname: str
    site: str
    groups: tuple[str, ...] = ()
    realm: str = ""
    span: Span = ALWAYS


@dataclass
class Sensor:
    """`offset` is how far its clock is ahead; `outage` when it recorded nothing."""

    name: str
    site: str
    kind: Kind
    realm: str = ""
    offset: int = 0
    outage: tuple[int, int] | None = None

    def awake(self, at: int) -> bool:
        return self.outage is None or not self.outage[0] <= at < self.outage[1]


@dataclass(frozen=True)
class Rule:
    id: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    services: tuple[str, ...]
    span: Span = ALWAYS
    proposed: bool = False


@dataclass(frozen=True)
class View:
    """One sensor's record of a conversation: its times by its own clock, and how it is written."""

    sensor: str
    start: int
    end: int
    style: int = 0


@dataclass
class Talk:
    """One true conversation; bytes are IP-layer bytes, payload what they carried."""

    realm: str
    src: str
    dst: str
    protocol: int
    src_port: int
    port: int
    start: int
    duration: int
    outcome: Outcome
    payload: tuple[int, int]
    packets: tuple[int, int]
    bytes: tuple[int, int]
    views: list[View] = field(default_factory=list)


@dataclass(frozen=True)
class Pair:
    """Two ends that will talk, and who may see it."""

    realm: str
    src: str
    dst: str
    protocol: int
    port: int
    sites: tuple[str, ...]


@dataclass
class World:
    seed: int
    sites: dict[str, Site]
    groups: dict[str, list[Member]]
    assets: list[Asset]
    zones: dict[str, list[Member]]
    sensors: dict[str, Sensor]
    rules: list[Rule]
    services: dict[str, tuple[str, ...]]
    external: str
    intra_site: str | tuple[str, ...] | None
    talks: list[Talk] = field(default_factory=list)
    ports: Iterator[int] = field(default_factory=lambda: iter(range(33_000, 65_000)))
    """Of initiators, each once: a five-tuple is a conversation."""


def micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    return EPOCH + timedelta(microseconds=at)


def from_day(day: int) -> Span:
    """From the beginning of the n-th day on."""
    return Span(BASE + day * DAY, None, (_date(day).isoformat(), None))


def through_day(day: int) -> Span:
    """Until the end of the n-th day."""
    return Span(None, BASE + (day + 1) * DAY, (None, _date(day).isoformat()))


def days(first: int, last: int) -> Span:
    return Span(
        BASE + first * DAY,
        BASE + (last + 1) * DAY,
        (_date(first).isoformat(), _date(last).isoformat()),
    )


def instants(begin: int | None, end: int | None) -> Span:
    """Between two instants, written as times."""
    return Span(begin, end, (_stamp(begin), _stamp(end)))


def _date(day: int) -> date:
    return (moment(BASE) + timedelta(days=day)).date()


def _stamp(at: int | None) -> str | None:
    return None if at is None else moment(at).strftime("%Y-%m-%dT%H:%M:%SZ")


def change_points(world: World) -> list[int]:
    """Instants at which anything begins or ends."""
    spans = [rule.span for rule in world.rules] + [asset.span for asset in world.assets]
    members = [m for site in world.sites.values() for m in site.prefixes]
    members += [m for group in world.groups.values() for m in group]
    members += [m for zone in world.zones.values() for m in zone]
    spans += [m.span for m in members] + [site.span for site in world.sites.values()]
    return sorted({at for span in spans for at in (span.begin, span.end) if at is not None})


def quiet_instant(rng: random.Random, world: World) -> int:
    """A time that no clock offset carries over a midnight, an edge of validity or of an outage."""
    edges = change_points(world) + [BASE + day * DAY for day in range(DAYS + 1)]
    edges += [BASE + half * DAY // 2 for half in range(2 * DAYS)]
    edges += [at for s in world.sensors.values() if s.outage for at in s.outage]
    while True:
        at = BASE + rng.randint(5 * MINUTE, DAYS * DAY - HOUR)
        if all(abs(at - edge) > 3 * MINUTE for edge in edges):
            return at
