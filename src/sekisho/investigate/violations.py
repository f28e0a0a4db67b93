"""When hosts were reached and went on without a rule: what a permitted connection may lie between."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sekisho.investigate.fabric import FRESH, PERMITTED, ROLES, Fabric, Ints
from sekisho.investigate.factors.timing import ONWARD, SLACK
from sekisho.investigate.moments import DAY

CONTROL = np.array([ROLES.index(role) for role in ("administration", "file", "database")])


@dataclass
class Violations:
    """Connections that no rule allows by host and time; `violated` is when each row of the fabric first was one
    (microseconds UTC)."""

    fabric: Fabric
    violated: Mapping[int, int]
    _sources: dict[int, Ints] = field(default_factory=dict)

    @cached_property
    def opened(self) -> dict[int, list[int]]:
        """When each host opened one, in order."""
        return self._times(self.fabric.src)

    @cached_property
    def came(self) -> dict[int, list[int]]:
        """When each host was reached by one, in order."""
        return self._times(self.fabric.dst)

    @cached_property
    def ways(self) -> dict[int, list[int]]:
        """When each host first reached another by permission that opened one soon after, although nobody had
        come to that one without a rule."""
        fabric = self.fabric
        new = np.isin(fabric.rank, list(PERMITTED)) & np.isin(fabric.role, CONTROL)
        new &= np.isin(fabric.dst, list(self.opened)) & (fabric.pair_first >= fabric.begin + FRESH)
        found: dict[int, list[int]] = {}
        for row in np.flatnonzero(new).tolist():
            at, head = int(fabric.first[row]), int(fabric.dst[row])
            if self._unexplained(head, at) is not None:
                found.setdefault(int(fabric.src[row]), []).append(at)
        return {host: sorted(times) for host, times in found.items()}

    def entered(self, host: int, at: int) -> int | None:
        """When it was last reached without a rule, by `at` and not long before."""
        return _last(self.came.get(host, ()), at)

    def onward(self, head: int, at: int) -> tuple[int, float] | None:
        """How long after `at` a host opened one, or went on as `ways` has it; how often it does so (a
        microsecond)."""
        for times in (self.opened.get(head, []), self.ways.get(head, [])):
            place = bisect_left(times, at - SLACK)
            if place < len(times) and times[place] - at <= ONWARD:
                return times[place] - at, max(self._usual(self.opened), len(times) - 1.0) / self._lasted
        return None

    def bridge(self, row: int, at: int) -> tuple[int, int, float] | None:
        """What `timing.bridge` asks of a permitted connection at a time, if it joins two that lack a rule."""
        fabric = self.fabric
        tail, head = int(fabric.src[row]), int(fabric.dst[row])
        if self._unexplained(head, at) is None:
            ways = self.ways.get(head, [])
            place = bisect_left(ways, at - SLACK)
            if place == len(ways) or ways[place] - at > ONWARD:
                return None
        clients = len(self.sources(head))
        since = self.entered(tail, at)
        if since is None:
            before = [
                one for s in self.sources(tail).tolist() if (one := self.entered(s, at)) is not None
            ]
            since = max(before, default=None)
            clients += len(self.sources(tail))
        if since is None:
            return None
        expected = clients * self._usual(self.came) * ONWARD / self._lasted
        return at - since, clients, expected

    def sources(self, host: int) -> Ints:
        """Who uses its services of control by permission."""
        if host not in self._sources:
            fabric = self.fabric
            rows = fabric.of_host(host)
            rows = rows[(fabric.dst[rows] == host) & np.isin(fabric.rank[rows], list(PERMITTED))]
            self._sources[host] = np.unique(fabric.src[rows[np.isin(fabric.role[rows], CONTROL)]])
        return self._sources[host]

    def _unexplained(self, host: int, at: int) -> int | None:
        """When the host first opened one soon after `at`, if nobody came to it without a rule before that."""
        times = self.opened.get(host, [])
        place = bisect_left(times, at - SLACK)
        if place == len(times) or times[place] - at > ONWARD:
            return None
        return times[place] if self.entered(host, times[place]) is None else None

    @cached_property
    def _lasted(self) -> int:
        return max(DAY, self.fabric.end - self.fabric.begin)

    def _usual(self, of: Mapping[int, list[int]]) -> float:
        """How many a host of the company has in all this time."""
        return sum(map(len, of.values())) / max(1, int((self.fabric.hosts.site > 0).sum()))

    def _times(self, ends: Ints) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for row, at in sorted(self.violated.items(), key=lambda item: item[1]):
            found.setdefault(int(ends[row]), []).append(at)
        return found


def _last(times: list[int] | tuple[()], at: int) -> int | None:
    place = bisect_right(times, at + SLACK)
    return times[place - 1] if place and at - times[place - 1] <= ONWARD else None
