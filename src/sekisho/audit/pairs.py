"""Each pair of sites, week by week: was the link between them watched at both ends, one, or none?

Every pair is listed, whether a rule names it, whether anything was ever seen on it or not: a link that
nobody records is where the next connection goes unseen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
MOST = 200_000
"""Weeks of pairs in one answer: two years of sixty sites."""
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
        known = self._first < self._last
        self._weeks = list(range(week_of(self._first), self._last, WEEK)) if known else []
        sight = Sight(sensors)
        self._inside = {
            name: sensor.site for name, sensor in sensors.items() if "transit" not in sensor.sees
        }
        self._edges = {name: sight.edge(name) for name in sorted(sites)} if known else {}
        self._names = list(self._edges)
        self._exists = self._rows([self._lifetime(sites[name].validity)] for name in self._names)
        self._watched = self._rows(coverage.covered(edge) for edge in self._edges.values())
        self._ends: dict[tuple[int, int, int, int, int], PairEnd] = {}

    def weeks(
        self, seen: Seen = NOTHING_SEEN, asked: Scope = WHOLE, most: int = MOST
    ) -> tuple[list[PairWeek], datetime | None]:
        """Every pair of a scope in every week in which both of its sites exist, by name and time.

        Only the last weeks where all would be more than about `most`; then also from when on.
        """
        pairs = [
            (a, b)
            for a, b in combinations(range(len(self._names)), 2)
            if asked.holds(self._names[a], self._names[b])
        ]
        skipped = max(0, len(self._weeks) - max(1, most // max(1, len(pairs))))
        counts = [(number, *self._counts(number)) for number in range(skipped, len(self._weeks))]
        watchers = [self._watchers_of(edge, skipped) for edge in self._edges.values()]
        self._ends.clear()
        found: list[PairWeek] = []
        for a, b in pairs:
            for number, hours, at, both in counts:
                if whole := int(hours[a, b]):
                    of_pair = whole, int(at[a, b]), int(at[b, a]), int(both[a, b])
                    found.append(self._week(a, b, number, of_pair, watchers, skipped, seen))
        return found, instant(self._weeks[skipped]) if skipped else None

    @property
    def anything(self) -> bool:
        """Whether any end of any link was watched at all."""
        return bool(self._watched.any())

    def dark(self, asked: Scope = WHOLE) -> tuple[dict[str, int], int]:
        """Links that in some week neither end watched, with the number of these weeks; and how many links
        there are in all. What sensors elsewhere saw is not looked at, nor a week of which the window holds
        less than a day, unless it holds no other."""
        sites = len(self._names)
        weeks, links = np.zeros((sites, sites), np.int64), np.zeros((sites, sites), np.bool_)
        least = min(DAY, self._last - self._first)
        for number in range(len(self._weeks)):
            hours, at, both = self._counts(number)
            links |= hours > 0
            weeks += (hours >= least) & (hours > 0) & (2 * (at + at.T - both) < hours)
        names = self._names
        pairs = [(a, b) for a, b in combinations(range(sites), 2) if asked.holds(names[a], names[b])]
        found = {link_name(names[a], names[b]): int(weeks[a, b]) for a, b in pairs if weeks[a, b]}
        return found, sum(bool(links[a, b]) for a, b in pairs)

    def _counts(self, number: int) -> tuple[Counts, Counts, Counts]:
        """Of one week, by both sites: the hours in which both exist; those of these in which the first
        was watched; those in which both were."""
        begin = max(0, self._weeks[number] - self._first)
        end = min(self._last, self._weeks[number] + WEEK) - self._first
        # Whole numbers up to 168, which a float32 holds exactly.
        exist = self._exists[:, begin:end].astype(np.float32)
        watched = self._watched[:, begin:end].astype(np.float32) * exist
        hours, at, both = exist @ exist.T, watched @ exist.T, watched @ watched.T
        return hours.astype(np.int64), at.astype(np.int64), both.astype(np.int64)

    def _week(
        self,
        a: int,
        b: int,
        number: int,
        counts: tuple[int, int, int, int],
        watchers: Sequence[Sequence[tuple[str, ...]]],
        skipped: int,
        seen: Seen,
    ) -> PairWeek:
        hours, of_a, of_b, both = counts
        any_ = of_a + of_b - both
        first, second = self._names[a], self._names[b]
        flows = seen.flows.get((self._weeks[number], first, second), {})
        at_a, at_b = watchers[a][number - skipped], watchers[b][number - skipped]
        others = set(flows) - self._edges[first] - self._edges[second]
        inside = {name for name in others if self._inside.get(name) in (first, second)}
        return PairWeek(
            link=link_name(first, second),
            week=instant(self._weeks[number]),
            state=_state(hours, both, any_),
            hours=hours,
            unwatched=hours - any_,
            ends=(
                self._end(a, of_a, hours, number, at_a, flows, seen),
                self._end(b, of_b, hours, number, at_b, flows, seen),
            ),
            transit=tuple(sorted(others - inside)),
            inside=tuple(sorted(inside)),
        )

    def _end(
        self,
        place: int,
        watched: int,
        hours: int,
        number: int,
        sensors: tuple[str, ...],
        flows: Mapping[str, int],
        seen: Seen,
    ) -> PairEnd:
        site = self._names[place]
        edge = self._edges[site]
        seen_here = sum(flows.get(name, 0) for name in edge) if flows else 0
        # Most links of a site have the same to say of it: they share the value.
        key = (place, watched, hours, number, seen_here)
        if key not in self._ends:
            lost = sum(seen.lost.get((self._weeks[number], name), 0) for name in edge)
            self._ends[key] = PairEnd(
                site=site,
                hours=watched,
                share=round(watched / hours, 4),
                sensors=sensors,
                flows=seen_here,
                lost=lost,
            )
        return self._ends[key]

    def _watchers_of(self, edge: frozenset[str], skipped: int) -> list[tuple[str, ...]]:
        """Which sensors of an edge recorded in each week but the first ones."""
        names = sorted(edge)
        hours = self._rows(self._coverage.covered(frozenset({name})) for name in names)
        found = []
        for week in self._weeks[skipped:]:
            begin, end = max(0, week - self._first), week + WEEK - self._first
            alive = [bool(row.any()) for row in hours[:, begin:end]]
            found.append(tuple(name for name, holds in zip(names, alive, strict=True) if holds))
        return found

    def _lifetime(self, validity: Validity) -> tuple[int, int]:
        begin = self._first if validity.begin is None else hour_of(validity.begin)
        end = self._last if validity.end is None else hour_after(validity.end)
        return begin, end

    def _rows(self, rows: Iterable[Iterable[tuple[int, int]]]) -> Hours:
        """Stretches as one row each of hours of the window that they cover."""
        listed = [list(stretches) for stretches in rows]
        hours = np.zeros((len(listed), max(0, self._last - self._first)), dtype=np.bool_)
        for number, stretches in enumerate(listed):
            for begin, end in stretches:
                hours[number, max(0, begin - self._first) : max(0, end - self._first)] = True
        return hours


def _state(hours: int, both: int, any_: int) -> PairState:
    if 2 * both >= hours:
        return "both"
    return "one" if 2 * any_ >= hours else "none"
