"""What is on record of each source at each site: flows, what stands beside them, and answers of terminals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pyarrow as pa

from sekisho.app.checking.standing import Fleet
from sekisho.audit.coverage import Coverage
from sekisho.audit.stretches import hour_of, instant
from sekisho.intel.methods.known import Known, Source
from sekisho.inventory.register import Inventory
from sekisho.model.methods import Recorded, Standing
from sekisho.store.queries.network import RELATIONS
from sekisho.store.recorded import Record

FRESH = timedelta(days=7)
"""Within which something must have been recorded to count as seen."""
FRESH_TERMINALS = timedelta(days=90)
"""Within which a terminal must have answered; a check of the fleet takes weeks."""


@dataclass(slots=True)
class _Sum:
    first: datetime | None = None
    last: datetime | None = None
    amount: int = 0

    def add(self, first: datetime, last: datetime, amount: int) -> None:
        self.first = first if self.first is None else min(self.first, first)
        self.last = last if self.last is None else max(self.last, last)
        self.amount += amount


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was asked of the lake and the state. `end` is the time as of which something counts as seen."""

    inventory: Inventory
    coverage: Coverage
    names: Record
    logons: Record
    events: pa.Table
    fleet: Fleet | None
    begin: datetime | None
    end: datetime
    sites: Sequence[str] = field(default_factory=tuple)


def recorded(lists: Known, evidence: Evidence) -> tuple[Recorded, ...]:
    """One for each source and site."""
    names = _by_site(_Sites(evidence), evidence.names)
    sites = _Sites(evidence)
    logons = _by_site(sites, evidence.logons)
    _add_events(logons, sites, evidence)
    found: list[Recorded] = []
    for source in lists.sources.values():
        match source.origin:
            case "flows":
                found += _flows(source, evidence)
            case "names":
                found += _rows(source, evidence, names)
            case "logons" | "events":
                found += _rows(source, evidence, logons)
            case "terminals":
                found += _terminals(source, evidence)
    return tuple(found)


def heard(evidence: Evidence) -> dict[str, frozenset[str]]:
    """Of each kind of sensors' records beside the flows, the sites at which there are any of the last days:
    what Windows logs say of the same is none of them."""
    sites = _Sites(evidence)
    tables = {
        "names": _by_site(sites, evidence.names),
        "logons": _by_site(sites, evidence.logons, sensors_only=True),
    }
    found: dict[str, frozenset[str]] = {}
    for name, one in RELATIONS.items():
        if one.side != "flows":
            found[name] = frozenset(
                site
                for (site, kind), total in tables[one.side].items()
                if kind in one.kinds and _standing(total.last, evidence.end, FRESH) == "seen"
            )
    return found


def _flows(source: Source, evidence: Evidence) -> Iterator[Recorded]:
    known = evidence.inventory.sensors
    low, high = evidence.coverage.begin, evidence.coverage.end
    if evidence.begin is not None:
        low = max(low, hour_of(evidence.begin))
    high = min(high, hour_of(evidence.end) + 1)
    for site in evidence.sites:
        able = frozenset(
            one.name for one in known.values() if one.site == site and one.sees & source.sees
        )
        stretches = [
            (max(first, low), min(last, high))
            for first, last in evidence.coverage.covered(able)
            if max(first, low) < min(last, high)
        ]
        yield Recorded(
            source=source.id,
            site=site,
            standing=_standing(instant(stretches[-1][1]) if stretches else None, evidence.end, FRESH),
            first=instant(stretches[0][0]) if stretches else None,
            last=instant(stretches[-1][1]) if stretches else None,
            amount=sum(last - first for first, last in stretches),
            out_of=max(high - low, 0),
            of="hours",
        )


def _by_site(
    sites: _Sites, record: Record, *, sensors_only: bool = False
) -> dict[tuple[str, str], _Sum]:
    """By site and kind. What a host's log says is of the host's site where assets or terminals name it, else
    of the sensor's."""
    sums: dict[tuple[str, str], _Sum] = defaultdict(_Sum)
    for row in record.rows.to_pylist():
        if sensors_only and row["host"]:
            continue
        site = sites.of(row["sensor"], row["host"])
        if site is not None:
            sums[site, row["kind"]].add(row["first"], row["last"], row["rows"])
    return dict(sums)


def _add_events(sums: dict[tuple[str, str], _Sum], sites: _Sites, evidence: Evidence) -> None:
    """Events of terminals' logs, as `channel:number`, within the window; a stretch that begins before it is
    counted whole."""
    for row in evidence.events.to_pylist():
        site = sites.of("", row["host"].lower())
        first, last = row["first"], min(row["last"], evidence.end)
        if site is None or first >= evidence.end or (evidence.begin and last < evidence.begin):
            continue
        kind = f"{row['channel']}:{row['event_id']}"
        sums.setdefault((site, kind), _Sum()).add(first, last, row["events"])


class _Sites:
    def __init__(self, evidence: Evidence) -> None:
        inventory = evidence.inventory
        self._sensors = inventory.sensors
        self._hosts: dict[str, str] = {}
        for name, assets in inventory.hostnames.items():
            homes = {one.site for one in assets if one.site}
            if len(homes) == 1:
                self._hosts.setdefault(name, next(iter(homes)))
                self._hosts.setdefault(name.partition(".")[0], next(iter(homes)))
        for terminal in evidence.fleet.resolved.terminals if evidence.fleet else ():
            for host in terminal.names if terminal.site else ():
                self._hosts.setdefault(host.lower(), str(terminal.site))

    def of(self, sensor: str, host: str) -> str | None:
        home = self._hosts.get(host) or self._hosts.get(host.partition(".")[0]) if host else None
        if home is not None:
            return home
        found = self._sensors.get(sensor)
        return found.site if found else None


def _rows(source: Source, evidence: Evidence, sums: dict[tuple[str, str], _Sum]) -> Iterator[Recorded]:
    for site in evidence.sites:
        total = _Sum()
        for kind in source.kinds | source.events:
            one = sums.get((site, kind))
            if one is not None and one.first is not None and one.last is not None:
                total.add(one.first, one.last, one.amount)
        yield Recorded(
            source=source.id,
            site=site,
            standing=_standing(total.last, evidence.end, FRESH),
            first=total.first,
            last=total.last,
            amount=total.amount,
            of="rows",
        )


def _terminals(source: Source, evidence: Evidence) -> Iterator[Recorded]:
    whole: dict[str, int] = defaultdict(int)
    sums: dict[str, _Sum] = defaultdict(_Sum)
    for site, at in _answered(evidence.fleet, source.check):
        if site is not None:
            whole[site] += 1
            if at is not None and at < evidence.end:
                sums[site].add(at, at, 1)
    for site in evidence.sites:
        one = sums.get(site, _Sum())
        yield Recorded(
            source=source.id,
            site=site,
            standing=_standing(one.last, evidence.end, FRESH_TERMINALS),
            first=one.first,
            last=one.last,
            amount=one.amount,
            out_of=whole.get(site, 0),
            of="terminals",
        )


def _answered(fleet: Fleet | None, check: str) -> Iterable[tuple[str | None, datetime | None]]:
    """Of each terminal its site, and when it last answered a check; a check that failed answers nothing."""
    for terminal in fleet.resolved.terminals if fleet else ():
        times = (
            [
                one.at
                for one in fleet.answers.get(terminal.id, ())
                if one.check == check and one.outcome != "failed"
            ]
            if fleet
            else []
        )
        yield terminal.site, max(times, default=None)


def _standing(last: datetime | None, end: datetime, fresh: timedelta) -> Standing:
    if last is None:
        return "nothing_recorded"
    return "seen" if last >= end - fresh else "lapsed"
