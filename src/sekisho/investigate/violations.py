"""When hosts were reached and went on without a rule: what a permitted connection may lie between."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sekisho.investigate.fabric import FRESH, PERMITTED, ROLES, Fabric, Ints
from sekisho.investigate.factors.timing import ONWARD, SLACK
from sekisho.investigate.moments import DAY

CONTROL = np.array([ROLES.index(role) for role in ("administration", "file", "database")])


@dataclass(frozen=True, slots=True)
class Bridge:
    """A permitted connection between two without a rule: `before` it (microseconds) somebody came to its
    source, as to `reached` of those who may use its destination; `onto` of those its source may use went on."""

    before: int
    reached: int
    onto: int


@dataclass
class Violations:
    """Connections that no rule allows by host and time; `violated` is when each row of the fabric first was one
    (microseconds UTC)."""

    fabric: Fabric
    violated: Mapping[int, int]
    _sources: dict[int, Ints] = field(default_factory=dict)
    _targets: dict[int, Ints] = field(default_factory=dict)

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
        """When each host first used by permission a service of control of another that opened one soon after,
        although nobody had come to that one without a rule."""
        fabric = self.fabric
        new = np.isin(fabric.rank, list(PERMITTED)) & np.isin(fabric.role, CONTROL)
        new &= np.isin(fabric.dst, list(self.opened)) & (fabric.first >= fabric.begin + FRESH)
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
            found = _next(times, at)
            if found is not None:
                return found - at, max(self._usual(self.opened), len(times) - 1.0) / self._lasted
        return None

    def bridge(self, row: int, at: int) -> Bridge | None:
        """What lies on both sides of a permitted connection of control at a time, if it joins two that lack a
        rule."""
        fabric = self.fabric
        tail, head = int(fabric.src[row]), int(fabric.dst[row])
        acted = self._went_on(head, at)
        if acted is None or fabric.role[row] not in CONTROL:
            return None
        since, through = self.entered(tail, at), False
        if since is None:
            since, through = self._beyond(tail, at), True
        if since is None:
            return None
        clients = self.sources(head).tolist()
        by = acted - SLACK - 1
        reached = {one for one in clients if self.entered(one, by) is not None} | {tail}
        if through:
            reached |= {one for one in clients if self._beyond(one, by) is not None}
        onto = [one for one in self.targets(tail).tolist() if self._went_on(one, at) is not None]
        return Bridge(at - since, len(reached), len({*onto, head}))

    def _went_on(self, host: int, at: int) -> int | None:
        """When a host to which nobody had come without a rule opened one soon after `at`, or went on as `ways`
        has it."""
        found = self._unexplained(host, at)
        return found if found is not None else _next(self.ways.get(host, []), at)

    def _beyond(self, host: int, at: int) -> int | None:
        """When who uses its services was last reached without a rule."""
        found = (self.entered(one, at) for one in self.sources(host).tolist())
        return max((one for one in found if one is not None), default=None)

    def sources(self, host: int) -> Ints:
        """Who uses its services of control by permission."""
        return self._peers(self._sources, host, self.fabric.dst, self.fabric.src)

    def targets(self, host: int) -> Ints:
        """Whose services of control it uses by permission."""
        return self._peers(self._targets, host, self.fabric.src, self.fabric.dst)

    def _peers(self, known: dict[int, Ints], host: int, near: Ints, far: Ints) -> Ints:
        if host not in known:
            fabric = self.fabric
            rows = fabric.of_host(host)
            rows = rows[(near[rows] == host) & np.isin(fabric.rank[rows], list(PERMITTED))]
            known[host] = np.unique(far[rows[np.isin(fabric.role[rows], CONTROL)]])
        return known[host]

    def _unexplained(self, host: int, at: int) -> int | None:
        """When the host first opened one soon after `at`, if nobody came to it without a rule before that."""
        found = _next(self.opened.get(host, []), at)
        return found if found is not None and self.entered(host, found) is None else None

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


def _next(times: Sequence[int], at: int) -> int | None:
    place = bisect_left(times, at - SLACK)
    return times[place] if place < len(times) and times[place] - at <= ONWARD else None


def _last(times: Sequence[int], at: int) -> int | None:
    place = bisect_right(times, at + SLACK)
    return times[place - 1] if place and at - times[place - 1] <= ONWARD else None
