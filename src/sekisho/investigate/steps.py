"""Steps with their times and reasons, and all that is known while an incident is followed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sekisho.investigate.fabric import Fabric
from sekisho.investigate.factors.base import Step, Weight, likelihood
from sekisho.investigate.moments import MINUTE
from sekisho.investigate.relays.relaying import Relaying
from sekisho.investigate.talks import Talks
from sekisho.investigate.violations import Violations


@dataclass(frozen=True, slots=True)
class Scored:
    """A step with its time (microseconds UTC) and its reasons; `fixed` where the seeds name it, `bounded` where
    it was taken by that time at the latest."""

    step: Step
    at: int
    weights: tuple[Weight, ...]
    fixed: bool = False
    bounded: bool = False

    @property
    def total(self) -> float:
        """The sum of the weights."""
        return sum(weight.value for weight in self.weights)

    @property
    def likelihood(self) -> float:
        """As a probability."""
        return likelihood(self.total)


@dataclass
class Known:
    """What is known while an incident grows: its `steps` by row, and what they are judged by.

    `violated` is when a connection was first what its verdict says (microseconds); `changed` are the begins of
    days on which permitted connections left their baselines, with the words; `same_holder` says whether an
    address meant the same asset at two times; `unwatched` since when nobody could have seen a connection before
    its first record; `relaying` is what stands for relays' clients, `logons` what logons make of connections.
    `seeds` are rows, `seed_hosts` hosts that were asked about.
    """

    fabric: Fabric
    talks: Talks
    violated: Mapping[int, int]
    changed: Mapping[int, Sequence[tuple[int, str]]] = field(default_factory=dict)
    same_holder: Callable[[int, int, int], bool] = lambda _host, _one, _other: True
    unwatched: Callable[[int], int | None] = lambda _row: None
    relaying: Relaying = field(default_factory=Relaying)
    logons: Mapping[int, Weight] = field(default_factory=dict)
    steps: dict[int, Scored] = field(default_factory=dict)
    seeds: set[int] = field(default_factory=set)
    seed_hosts: set[int] = field(default_factory=set)

    @cached_property
    def violations(self) -> Violations:
        """Who did what without a rule, and when."""
        return Violations(self.fabric, self.violated)

    def earliest(self, row: int, first: int) -> int:
        """When a connection that is first on record at `first` may have begun."""
        since = self.unwatched(row)
        return first if since is None else min(first, since)

    def arrival(self, host: int, without: int = -1, *, apart: int = -1) -> int | None:
        """When control first came to a host, the step of one row left out, and those from one other host."""
        found = [
            s.at
            for r, s in self.steps.items()
            if s.step.head == host and r != without and s.step.tail != apart
        ]
        return min(found, default=None)

    def acts(self, host: int, without: int = -1) -> list[int]:
        """Times of the steps that a host took."""
        return sorted(s.at for r, s in self.steps.items() if s.step.tail == host and r != without)

    def touched(self) -> set[int]:
        """Hosts of the company that are in it so far."""
        ends = self.ends(self.steps) | self.seed_hosts
        return {host for host in ends if self.fabric.internal(host)}

    def ends(self, rows: Iterable[int]) -> set[int]:
        """Hosts at both ends of connections."""
        fabric = self.fabric
        return {int(end[row]) for row in rows for end in (fabric.src, fabric.dst)}

    def by_itself(self, host: int, row: int) -> bool:
        """Whether something else than one step (a row) joins a host to a seed."""
        if row not in self.steps:
            return True
        others = self.together(row)
        ends = self.ends(others) | self.ends(self.seeds - {row}) | self.seed_hosts
        return host in ends

    def together(self, without: int = -1) -> set[int]:
        """Steps that a way over shared ends, parties outside among them, joins to a seed, one left out."""
        found: set[int] = set()
        ends = self.ends(self.seeds) | self.seed_hosts
        while True:
            more = {
                row
                for row, s in self.steps.items()
                if row not in found and row != without and {s.step.tail, s.step.head} & ends
            }
            if not more:
                return found
            found |= more
            ends |= self.ends(more)


def foremost(steps: Iterable[Scored]) -> dict[Scored, tuple[Scored, ...]]:
    """Of the steps between the same two hosts, the same way, the first, with the others; of those within a
    minute of it the likeliest."""
    pairs: dict[tuple[int, int], list[Scored]] = {}
    for scored in sorted(steps, key=lambda s: (s.at, s.step.row)):
        pairs.setdefault((scored.step.tail, scored.step.head), []).append(scored)
    found = {}
    for same in pairs.values():
        first = max((s for s in same if s.at <= same[0].at + MINUTE), key=lambda s: (s.total, -s.at))
        found[first] = tuple(s for s in same if s is not first)
    return found
