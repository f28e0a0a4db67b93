"""The sensors at the edges of sites: whose they are, when they recorded nothing, how they sample."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from sekisho.audit.coverage import Coverage, Hours
from sekisho.audit.stretches import hour_of
from sekisho.model.sites import Sensor
from sekisho.store.queries.columns import DAY
from sekisho.store.reconciled import CLASS_SITES, DARK, EDGES, RATES, Ends

UNKNOWN_RATE = 1000
"""One in so many is taken where a sensor says that it samples and nobody says how much."""
_HOURS = 24


@dataclass(frozen=True, slots=True)
class Edges:
    """Sites with sensors at their edge, by name; `sites` numbers them for the store.

    `dark` are hours since 1970 in which a site's edge cannot answer for all that crossed it: one of its
    sensors recorded nothing or lost records, then, or an hour before or after, since what was under way is
    written when it ends, or is lost with it. `one_in` is the rate of those that sample, `stated` whether it
    is known. `hours` is how many there are in all.
    """

    sensors: Mapping[str, tuple[str, ...]]
    dark: Mapping[str, frozenset[int]]
    one_in: Mapping[str, int]
    stated: Mapping[str, bool]
    hours: int

    @property
    def sites(self) -> Sequence[str]:
        """In the order of their numbers, which begin with 1."""
        return sorted(self.sensors)

    def name(self, number: int) -> str:
        """The site of that number."""
        return self.sites[number - 1]

    def is_dark(self, site: str, begin: datetime, end: datetime) -> bool:
        """Whether any of [begin, end] lies in a dark hour. Aware UTC."""
        first, last = hour_of(begin), hour_of(max(begin, end))
        hours = self.dark[site]
        if last - first > len(hours):
            return any(first <= hour <= last for hour in hours)
        return any(hour in hours for hour in range(first, last + 1))

    def ends(self, site_of: Sequence[str | None]) -> Ends:
        """As the store takes them. `site_of` gives each class of addresses its site."""
        number = {site: code for code, site in enumerate(self.sites, 1)}
        of_class = [(c, number[s]) for c, s in enumerate(site_of) if s is not None and s in number]
        sensors = [(name, number[site]) for site in self.sites for name in self.sensors[site]]
        masks: dict[tuple[int, int], int] = defaultdict(int)
        for site in self.sites:
            for hour in self.dark[site]:
                day, of_day = divmod(hour, _HOURS)
                masks[number[site], day * DAY] |= 1 << of_day
        rates = [(number[site], float(one_in)) for site, one_in in self.one_in.items()]
        return Ends(
            class_sites=_table(of_class, CLASS_SITES),
            edges=_table(sensors, EDGES),
            dark=_table([(site, day, hours) for (site, day), hours in masks.items()], DARK),
            rates=_table(rates, RATES),
        )


def edges(
    sensors: Mapping[str, Sensor],
    coverage: Coverage,
    losses: Iterable[tuple[str, int]] = (),
    sampled: Iterable[str] = (),
) -> Edges:
    """The edges of all sites. `losses` are (sensor, hour since 1970) in which records were lost on the way;
    `sampled` are sensors whose records say that they sampled."""
    lost: dict[str, set[int]] = defaultdict(set)
    for name, hour in losses:
        lost[name].add(hour)
    says = set(sampled)
    at: dict[str, list[Sensor]] = defaultdict(list)
    for sensor in sensors.values():
        if "edge" in sensor.sees:
            at[sensor.site].append(sensor)
    dark, one_in, stated = {}, {}, {}
    for site, found in at.items():
        dark[site] = frozenset(h for one in found for h in _dark(one.name, coverage, lost[one.name]))
        known = max(one.sampling for one in found)
        if known > 1 or any(one.name in says for one in found):
            one_in[site], stated[site] = (known if known > 1 else UNKNOWN_RATE), known > 1
    names = {site: tuple(sorted(one.name for one in found)) for site, found in at.items()}
    return Edges(names, dark, one_in, stated, coverage.end - coverage.begin)


def _dark(sensor: str, coverage: Coverage, lost: set[int]) -> set[int]:
    rows = coverage.hours.get(sensor, ())
    covered = {h for row in rows if _answers(row) for h in range(row.begin, row.end)} - lost
    return {
        hour
        for hour in range(coverage.begin, coverage.end)
        if not {hour - 1, hour, hour + 1} <= covered
    }


def _answers(row: Hours) -> bool:
    """Whether it would have records of what there was. A silence that is ordinary is none any more where
    the other end saw what should have broken it."""
    return row.state != "no_data" and row.shown


def _table(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    arrays = [pa.array(list(values), field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema=schema)
