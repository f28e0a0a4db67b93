"""From the seeds outwards: which connections are steps of the same intrusion, scored until nothing changes.

A step joins the incident where what speaks for it outweighs what speaks against, given what is already
known: forwards from hosts that control had reached, backwards to what explains that a host took steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sekisho.investigate.dating import Dating
from sekisho.investigate.factors import logon
from sekisho.investigate.factors.base import Kind, Step
from sekisho.investigate.relays.base import TOLD
from sekisho.investigate.steps import Known, Scored
from sekisho.investigate.weighing import Weighing

ROUNDS = 24
JOINS, LEAVES = 0.0, -0.4
"""Totals: from the first a step joins; below the second it leaves again."""
CLOSE = logon.MOST
"""As much as logons can add."""


@dataclass
class Spreading:
    """Grows what is known from the seeds. `fetch` makes sure that hosts' candidates and their sessions are
    there; `without` leaves factors out by id."""

    known: Known
    fetch: Callable[[Sequence[int]], dict[int, list[int]]]
    without: frozenset[str] = frozenset()
    candidates: dict[int, list[int]] = field(default_factory=dict)
    _left: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dating = Dating(self.known)
        self.weighing = Weighing(self.known, self.dating, self.without)

    def run(self, rows: Iterable[int], hosts: Iterable[int]) -> dict[int, Scored]:
        """Grow from connections (rows) and hosts; the steps by row."""
        known = self.known
        known.seeds, known.seed_hosts = known.relaying.instead(rows), set(hosts)
        self._look({*known.seed_hosts, *known.ends(known.seeds)})
        for row in sorted(known.seeds):
            found = self._best(row)
            if found is not None:
                known.steps[row] = found
        return self.again()

    def again(self) -> dict[int, Scored]:
        """Grow on, after something more became known."""
        for _ in range(ROUNDS):
            if not self._round():
                break
        self._settle()
        return self.known.steps

    def near(self, most: int) -> list[Scored]:
        """Connections of hosts in the incident that are no steps for want of `CLOSE`; the likeliest first."""
        rows = {row for host in self.known.touched() for row in self.candidates.get(host, ())}
        found = [
            s for row in sorted(rows - self.known.steps.keys()) if (s := self._best(row)) is not None
        ]
        close = [s for s in found if s.total >= JOINS - CLOSE]
        return sorted(close, key=lambda s: (-s.total, s.step.row))[:most]

    def _settle(self) -> None:
        """Let go, one by one, of what stayed although less than one half speaks for it by now, and of what then
        hangs together with no seed any more."""
        steps = self.known.steps
        while True:
            for row in sorted(steps):
                steps[row] = self._best(row) or steps[row]
            loose = [s for s in steps.values() if s.total < JOINS and not s.fixed]
            if loose:
                del steps[min(loose, key=lambda s: (s.total, s.step.row)).step.row]
                continue
            apart = steps.keys() - self.known.together()
            if not apart:
                return
            for row in apart:
                del steps[row]

    def _look(self, hosts: Iterable[int]) -> None:
        unknown = [h for h in hosts if h not in self.candidates and self.known.fabric.internal(h)]
        if unknown or (self.known.seeds and not self.candidates):
            self.candidates |= self.fetch(unknown)

    def _round(self) -> bool:
        steps, touched = self.known.steps, self.known.touched()
        self._look(touched)
        rows = {row for host in touched for row in self.candidates.get(host, ())} | steps.keys()
        scored = [found for row in sorted(rows) if (found := self._best(row)) is not None]
        changed = False
        led: set[int] = set()
        for row in steps.keys() - {found.step.row for found in scored}:
            del steps[row]
            changed = True
        # Somebody hidden is the last explanation: a client that is in it already goes before.
        for found in sorted(scored, key=lambda s: (self._nobody(s.step.row), -s.total, s.step.row)):
            row = found.step.row
            known = steps.get(row)
            if known is None and found.total >= JOINS and self._left.get(row, 0) < 2:
                if found.step.tail not in touched:
                    # One explanation of a host at a time: with it the others are judged anew.
                    if found.step.head in led:
                        continue
                    led.add(found.step.head)
                steps[row] = found
                changed = True
            elif known is not None and not found.fixed and found.total < LEAVES:
                del steps[row]
                self._left[row] = self._left.get(row, 0) + 1
                changed = True
            elif known is not None and known != found:
                changed = changed or (known.step, known.at) != (found.step, found.at)
                steps[row] = found
        return changed

    def _nobody(self, row: int) -> bool:
        return self.known.fabric.hidden(int(self.known.fabric.src[row]))

    def _out_of_question(self, row: int) -> bool:
        """Whether a connection is explained by relaying, or says less than what is known of it."""
        known = self.known
        if row in known.relaying.relayed:
            return True
        stitch = known.relaying.stitches.get(row)
        if stitch is None:
            return False
        others = known.relaying.guesses(stitch.out)
        if stitch.hidden:
            return any(one in known.steps for one in others)
        if stitch.share >= TOLD:
            return False
        # A client that may be it is only followed where something else says that it is in it.
        client = int(known.fabric.src[row])
        return client not in known.seed_hosts and not any(
            client in (s.step.tail, s.step.head) for r, s in known.steps.items() if r not in others
        )

    def _best(self, row: int) -> Scored | None:
        """The likelier way of reading a connection; None where it is no step at all."""
        fabric = self.known.fabric
        src, dst = int(fabric.src[row]), int(fabric.dst[row])
        ways: list[tuple[Kind, int, int]] = []
        if src == dst or self._out_of_question(row):
            return None
        if fabric.internal(dst):
            ways.append(("connect", src, dst))
        if fabric.internal(src):
            ways.append(("reverse", dst, src))
        found = []
        for kind, tail, head in ways:
            step = Step(row, kind, tail, head)
            at = self.dating.time(step)
            if at is not None:
                weights = tuple(self.weighing.weigh(step, at))
                bounded = self.dating.bounded(step, at)
                found.append(Scored(step, at, weights, row in self.known.seeds, bounded))
        return max(found, key=lambda s: (s.total, s.step.kind == "connect"), default=None)
