"""Each pair of sites, week by week: was the link between them watched at both ends, one, or none?

Every pair is listed, whether a rule names it, whether anything was ever seen on it or not: a link that
nobody records is where the next connection goes unseen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from sekisho.audit.coverage import Coverage
from sekisho.audit.scope import Scope
from sekisho.audit.sight import Sight
from sekisho.audit.stretches import hour_after, hour_of, instant
from sekisho.model.coverage import PairEnd, PairState, PairWeek, link_name
from sekisho.model.sites import Sensor, Site
from sekisho.model.validity import Validity

DAY, WEEK = 24, 7 * 24
_THURSDAY = 3 * DAY
"""1 January 1970 was one: this many hours after its Monday."""
Hours = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Seen:
    """Flows by (hour that the week begins with, the pair's sites in order), sensor; lost records by that
    hour and sensor."""

    flows: Mapping[tuple[int, str, str], Mapping[str, int]]
    lost: Mapping[tuple[int, str], int]


NOTHING_SEEN = Seen({}, {})
WHOLE = Scope()


def week_of(hour: int) -> int:
    """The hour with which the week of an hour begins."""
    return hour - (hour + _THURSDAY) % WEEK


def lost_by_week(losses: Any) -> dict[tuple[int, str], int]:
    """What gaps and full queues cost each sensor in each week, from (sensor, hour, lost, dropped)."""
    found: dict[tuple[int, str], int] = defaultdict(int)
    for row in losses.to_pylist():
        found[week_of(hour_of(row["hour"])), row["sensor"]] += row["lost"] + row["dropped"]
    return dict(found)


class Pairs:
    """What is watched when, in a window of aware instants (None: all that coverage knows of)."""

    def __init__(
        self,
        sites: Mapping[str, Site],
        sensors: Mapping[str, Sensor],
        coverage: Coverage,
        begin: datetime | None = None,
        end: datetime | None = None,
    ) -> None:
        self._coverage = coverage
        self._first = max(coverage.begin, hour_of(begin)) if begin else coverage.begin
        self._last = min(coverage.end, hour_after(end)) if end else coverage.end
        hours = max(0, self._last - self._first)
        self._weeks = sorted({week_of(self._first), *self._mondays()}) if hours else []
        self._cuts = [max(0, week - self._first) for week in self._weeks]
        sight = Sight(sensors)
        self._edges = {name: sight.edge(name) for name in sorted(sites)} if hours else {}
        self._exists = {name: self._lifetime(sites[name].validity) for name in self._edges}
        self._watched = {name: self._hours_of(edge) for name, edge in self._edges.items()}
        self._watchers = {name: self._watchers_of(edge) for name, edge in self._edges.items()}
        self._ends: dict[tuple[str, int, int, int, int], PairEnd] = {}
        self._begins = [instant(week) for week in self._weeks]

    def weeks(self, seen: Seen = NOTHING_SEEN, asked: Scope = WHOLE) -> list[PairWeek]:
        """Every pair of a scope in every week in which both of its sites exist, by name and time."""
        found: list[PairWeek] = []
        self._ends.clear()
        for a, b in combinations(self._edges, 2):
            if asked.holds(a, b):
                found.extend(self._of_pair(a, b, seen))
        return found

    @property
    def anything(self) -> bool:
        """Whether any end of any link was watched at all."""
        return any(bool(hours.any()) for hours in self._watched.values())

    def dark(self, asked: Scope = WHOLE) -> tuple[dict[str, int], int]:
        """Links that in some week neither end watched, with the number of these weeks; and how many links
        there are in all. What sensors elsewhere saw is not looked at."""
        found: dict[str, int] = {}
        links = 0
        for a, b in combinations(self._edges, 2):
            if not asked.holds(a, b):
                continue
            hours, _, _, _, any_ = self._counts(a, b)
            links += bool(hours.any())
            if weeks := int(((hours > 0) & (2 * any_ < hours)).sum()):
                found[link_name(a, b)] = weeks
        return found, links

    def _counts(self, a: str, b: str) -> tuple[Counts, Counts, Counts, Counts, Counts]:
        """By week the hours in which both sites exist, and of these those in which a, b, both, any of the
        two was watched."""
        exists = self._exists[a] & self._exists[b]
        at_a, at_b = self._watched[a] & exists, self._watched[b] & exists
        hours, of_a, of_b, both = (self._by_week(held) for held in (exists, at_a, at_b, at_a & at_b))
        return hours, of_a, of_b, both, of_a + of_b - both

    def _of_pair(self, a: str, b: str, seen: Seen) -> Iterable[PairWeek]:
        counts = (column.tolist() for column in self._counts(a, b))
        for number, (hours, of_a, of_b, both, any_) in enumerate(zip(*counts, strict=True)):
            if not hours:
                continue
            flows = seen.flows.get((self._weeks[number], a, b), {})
            ends = (
                self._end(a, of_a, hours, number, flows, seen),
                self._end(b, of_b, hours, number, flows, seen),
            )
            yield PairWeek(
                link=link_name(a, b),
                week=self._begins[number],
                state=_state(hours, both, any_),
                hours=hours,
                unwatched=hours - any_,
                ends=ends,
                transit=tuple(sorted(set(flows) - self._edges[a] - self._edges[b])),
            )

    def _end(
        self, site: str, watched: int, hours: int, number: int, flows: Mapping[str, int], seen: Seen
    ) -> PairEnd:
        edge = self._edges[site]
        seen_here = sum(flows.get(name, 0) for name in edge) if flows else 0
        # Most links of a site have the same to say of it: they share the value.
        key = (site, watched, hours, number, seen_here)
        if key not in self._ends:
            lost = sum(seen.lost.get((self._weeks[number], name), 0) for name in edge)
            self._ends[key] = PairEnd(
                site=site,
                hours=watched,
                share=round(watched / hours, 4),
                sensors=self._watchers[site][number],
                flows=seen_here,
                lost=lost,
            )
        return self._ends[key]

    def _watchers_of(self, edge: frozenset[str]) -> list[tuple[str, ...]]:
        """Which sensors of an edge recorded in each week."""
        alive = {name: self._by_week(self._hours_of(frozenset({name}))) for name in sorted(edge)}
        return [
            tuple(name for name, hours in alive.items() if hours[number])
            for number in range(len(self._weeks))
        ]

    def _mondays(self) -> range:
        return range(week_of(self._first) + WEEK, self._last, WEEK)

    def _lifetime(self, validity: Validity) -> Hours:
        begin = self._first if validity.begin is None else hour_of(validity.begin)
        end = self._last if validity.end is None else hour_after(validity.end)
        return self._array([(begin, end)])

    def _hours_of(self, sensors: frozenset[str]) -> Hours:
        return self._array(self._coverage.covered(sensors))

    def _array(self, stretches: Iterable[tuple[int, int]]) -> Hours:
        hours = np.zeros(self._last - self._first, dtype=np.bool_)
        for begin, end in stretches:
            hours[max(0, begin - self._first) : max(0, end - self._first)] = True
        return hours

    def _by_week(self, hours: Hours) -> Counts:
        before = np.concatenate(([0], np.cumsum(hours, dtype=np.int64)))
        return np.diff(before[[*self._cuts, len(hours)]])


def _state(hours: int, both: int, any_: int) -> PairState:
    if 2 * both >= hours:
        return "both"
    return "one" if 2 * any_ >= hours else "none"
