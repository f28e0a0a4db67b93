"""From the seeds outwards: which connections are steps of the same intrusion, scored until nothing changes.

A step joins the incident where what speaks for it outweighs what speaks against, given what is already
known: forwards from hosts that control had reached, backwards to what explains that a host took steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import log10

from sekisho.investigate.fabric import PERMITTED, RESIDUAL, Fabric
from sekisho.investigate.factors import connection, control, logon, timing
from sekisho.investigate.factors.base import Kind, Step, Weight, likelihood, span
from sekisho.investigate.moments import DAY, HOUR, MINUTE
from sekisho.investigate.relays.base import TOLD
from sekisho.investigate.relays.relaying import Relaying
from sekisho.investigate.talks import Bulk, Talks, bulks
from sekisho.investigate.violations import Violations

ROUNDS = 24
JOINS, LEAVES = 0.0, -0.4
"""Totals: from the first a step joins; below the second it leaves again."""
CLOSE = logon.MOST
"""As much as logons can add."""
EXPLAINED, IDLE = -0.7, -1.5
"""A host that control had reached may call home without a step of its own; else one that took none needs no
explanation."""
CHANGED = 1.3
"""A permitted connection that left its own baseline while its source was in the intruder's hands."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A step with its time (microseconds UTC) and its reasons; `fixed` where the seeds name it."""

    step: Step
    at: int
    weights: tuple[Weight, ...]
    fixed: bool = False

    @property
    def total(self) -> float:
        """The sum of the weights."""
        return sum(weight.value for weight in self.weights)

    @property
    def likelihood(self) -> float:
        """As a probability."""
        return likelihood(self.total)


@dataclass
class Spreading:
    """What is known while it grows. `violated` is when a connection was first what its verdict says
    (microseconds); `fetch` makes sure that hosts' candidates and their sessions are there; `changed` are the
    begins of days on which permitted connections left their baselines, with the words; `same_holder`
    says whether an address meant the same asset at two times; `without` leaves factors out by id; `logons` is
    what logons make of connections, `relaying` what stands for relays' clients.
    """

    fabric: Fabric
    talks: Talks
    violated: dict[int, int]
    fetch: Callable[[Sequence[int]], dict[int, list[int]]]
    changed: Mapping[int, Sequence[tuple[int, str]]] = field(default_factory=dict)
    same_holder: Callable[[int, int, int], bool] = lambda _host, _one, _other: True
    without: frozenset[str] = frozenset()
    logons: Mapping[int, Weight] = field(default_factory=dict)
    relaying: Relaying = field(default_factory=Relaying)
    steps: dict[int, Scored] = field(default_factory=dict)
    seeds: set[int] = field(default_factory=set)
    seed_hosts: set[int] = field(default_factory=set)
    candidates: dict[int, list[int]] = field(default_factory=dict)
    _left: dict[int, int] = field(default_factory=dict)
    _larger: dict[int, list[Bulk]] = field(default_factory=dict)

    def run(self, rows: Iterable[int], hosts: Iterable[int]) -> dict[int, Scored]:
        """Grow from connections (rows) and hosts; the steps by row."""
        self.seeds, self.seed_hosts = self.relaying.instead(rows), set(hosts)
        self._look({*self.seed_hosts, *self._ends(self.seeds)})
        for row in sorted(self.seeds):
            found = self._best(row)
            if found is not None:
                self.steps[row] = found
        return self.again()

    def again(self) -> dict[int, Scored]:
        """Grow on, after something more became known."""
        for _ in range(ROUNDS):
            if not self._round():
                break
        self._settle()
        return self.steps

    def near(self, most: int) -> list[Scored]:
        """Connections of hosts in the incident that are no steps for want of `CLOSE`; the likeliest first."""
        rows = {row for host in self.touched() for row in self.candidates.get(host, ())}
        found = [s for row in sorted(rows - self.steps.keys()) if (s := self._best(row)) is not None]
        close = [s for s in found if s.total >= JOINS - CLOSE]
        return sorted(close, key=lambda s: (-s.total, s.step.row))[:most]

    def _settle(self) -> None:
        """Let go, one by one, of what stayed although less than one half speaks for it by now, and of what then
        hangs together with no seed any more."""
        while True:
            for row in sorted(self.steps):
                self.steps[row] = self._best(row) or self.steps[row]
            loose = [s for s in self.steps.values() if s.total < JOINS and not s.fixed]
            if loose:
                del self.steps[min(loose, key=lambda s: (s.total, s.step.row)).step.row]
                continue
            apart = self.steps.keys() - self._together()
            if not apart:
                return
            for row in apart:
                del self.steps[row]

    def _together(self) -> set[int]:
        """Steps that a way over shared ends, parties outside among them, joins to a seed."""
        found: set[int] = set()
        ends = self._ends(self.seeds) | self.seed_hosts
        while True:
            more = {
                row
                for row, s in self.steps.items()
                if row not in found and {s.step.tail, s.step.head} & ends
            }
            if not more:
                return found
            found |= more
            ends |= self._ends(more)

    def touched(self) -> set[int]:
        """Hosts of the company that are in it so far."""
        ends = self._ends(self.steps) | self.seed_hosts
        return {host for host in ends if self.fabric.internal(host)}

    def _ends(self, rows: Iterable[int]) -> set[int]:
        fabric = self.fabric
        return {int(end[row]) for row in rows for end in (fabric.src, fabric.dst)}

    def _look(self, hosts: Iterable[int]) -> None:
        unknown = [h for h in hosts if h not in self.candidates and self.fabric.internal(h)]
        if unknown or (self.seeds and not self.candidates):
            self.candidates |= self.fetch(unknown)

    def _round(self) -> bool:
        touched = self.touched()
        self._look(touched)
        rows = {row for host in touched for row in self.candidates.get(host, ())} | self.steps.keys()
        scored = [found for row in sorted(rows) if (found := self._best(row)) is not None]
        changed = False
        led: set[int] = set()
        for row in self.steps.keys() - {found.step.row for found in scored}:
            del self.steps[row]
            changed = True
        # Somebody hidden is the last explanation: a client that is in it already goes before.
        for found in sorted(scored, key=lambda s: (self._nobody(s.step.row), -s.total, s.step.row)):
            row = found.step.row
            known = self.steps.get(row)
            if known is None and found.total >= JOINS and self._left.get(row, 0) < 2:
                if found.step.tail not in touched:
                    # One explanation of a host at a time: with it the others are judged anew.
                    if found.step.head in led:
                        continue
                    led.add(found.step.head)
                self.steps[row] = found
                changed = True
            elif known is not None and not found.fixed and found.total < LEAVES:
                del self.steps[row]
                self._left[row] = self._left.get(row, 0) + 1
                changed = True
            elif known is not None and known != found:
                changed = changed or (known.step, known.at) != (found.step, found.at)
                self.steps[row] = found
        return changed

    def _nobody(self, row: int) -> bool:
        return self.fabric.hidden(int(self.fabric.src[row]))

    def _out_of_question(self, row: int) -> bool:
        """Whether a connection is explained by relaying, or says less than what is known of it."""
        if row in self.relaying.relayed:
            return True
        stitch = self.relaying.stitches.get(row)
        if stitch is None:
            return False
        others = self.relaying.guesses(stitch.out)
        if stitch.hidden:
            return any(one in self.steps for one in others)
        if stitch.share >= TOLD:
            return False
        # A client that may be it is only followed where something else says that it is in it.
        client = int(self.fabric.src[row])
        return client not in self.seed_hosts and not any(
            client in (s.step.tail, s.step.head) for r, s in self.steps.items() if r not in others
        )

    def _best(self, row: int) -> Scored | None:
        """The likelier way of reading a connection; None where it is no step at all."""
        fabric = self.fabric
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
            at = self._time(step)
            if at is not None:
                kept = tuple(w for w in self._weigh(step, at) if w.id not in self.without)
                if any(w.id == "bridge" for w in kept):
                    # How many use its destination and deal with its source is counted there already.
                    kept = tuple(
                        w for w in kept if w.id != "prevalence" and (w.id != "habit" or w.value > 0)
                    )
                found.append(Scored(step, at, kept, row in self.seeds))
        return max(found, key=lambda s: (s.total, s.step.kind == "connect"), default=None)

    def _time(self, step: Step) -> int | None:
        row, rank = step.row, int(self.fabric.rank[step.row])
        talks = self.talks.of.get(row, ())
        if rank in RESIDUAL:
            since = self.violated.get(row, int(self.fabric.first[row]))
            if since <= int(self.fabric.first[row]) + 1 and talks:
                return talks[0].start
            found = self.talks.after(row, since - timing.SLACK)
            return found.start if found else since
        if not talks:
            return int(self.fabric.first[row]) if row in self.seeds else None
        if step.kind == "reverse":
            return talks[0].start
        acts = self._acts(step.tail, row)
        since = self._arrival(step.tail, row) or min(acts, default=self._since(step))
        later = [talk.start for talk in talks if talk.start >= since]
        # Clocks may disagree, but of many sessions one after control came is the likelier.
        later = later or [talk.start for talk in talks if talk.start >= since - timing.SLACK]
        if self._arrival(step.tail, row) is None and not acts:
            # Sought is what led to what its destination did.
            did = self._acts(step.head, row)
            later = [one for one in later if did and one <= did[0] + timing.SLACK] or later
        unlike = [begin for begin, _ in self.changed.get(row, ())]
        larger = {one.at for one in self._bulks(row)}
        odd = [at for at in later if at in larger or any(begin <= at < begin + DAY for begin in unlike)]
        if odd:
            return odd[0]
        beside = [at for at in later if any(abs(at - act) <= timing.BESIDE for act in acts)]
        return min(beside or later, default=talks[0].start)

    def _bulks(self, row: int) -> list[Bulk]:
        if row not in self._larger:
            self._larger[row] = bulks(self.talks.of.get(row, ()))
        return self._larger[row]

    def _since(self, step: Step) -> int:
        """From when on a permitted connection may have been used of whose source nothing is known: the last
        time that somebody came to it without a rule before its destination acted."""
        begin = self.talks.of[step.row][0].start
        acts = self._acts(step.head, step.row)
        if not acts:
            return begin
        entered = self.violations.entered(step.tail, acts[0])
        before = [t.start for t in self.talks.of[step.row] if t.start <= acts[0] + timing.SLACK]
        return entered if entered is not None else max(before, default=begin)

    def _arrival(self, host: int, without: int = -1) -> int | None:
        found = [s.at for r, s in self.steps.items() if s.step.head == host and r != without]
        return min(found, default=None)

    def _acts(self, host: int, without: int = -1) -> list[int]:
        """Times of the steps that a host took."""
        return sorted(s.at for r, s in self.steps.items() if s.step.tail == host and r != without)

    def _weigh(self, step: Step, at: int) -> Iterator[Weight]:
        fabric = self.fabric
        yield Weight(
            "prior", connection.PRIOR, "most connections of a compromised host are its ordinary work"
        )
        yield connection.policy(fabric, step)
        yield connection.service(fabric, step)
        yield from connection.rarity(fabric, step, at)
        yield from connection.crossing(fabric, step)
        yield from connection.probing(fabric, step, at)
        yield from connection.slight(fabric, self.talks, step, at)
        yield from self.relaying.weights(fabric, step, at)
        if step.kind == "reverse":
            yield from self._controlled(step, at)
        elif step.row in self.logons:
            yield self.logons[step.row]
        if fabric.internal(step.tail):
            yield from self._from_known(step, at)
        else:
            yield from self._backwards(step, at, outside=True)

    def _from_known(self, step: Step, at: int) -> Iterator[Weight]:
        fabric = self.fabric
        arrived, acts = self._arrival(step.tail, step.row), self._acts(step.tail, step.row)
        if arrived is None and not acts:
            if step.tail in self.seed_hosts:
                yield timing.gap(None, at, arrived=False)
            elif step.row not in self.seeds:
                yield from self._backwards(step, at, outside=False)
            return
        since = arrived if arrived is not None else min(acts, key=lambda act: abs(act - at))
        # Control that came after a host had acted says nothing of when it came first.
        if arrived is not None and acts and max(at, acts[0]) < arrived - timing.SLACK:
            since, arrived = min(acts, key=lambda act: abs(act - at)), None
        if not self.same_holder(step.tail, since, at):
            yield Weight("holder", -3.0, "the address belonged to another asset by then")
        yield timing.gap(since, at, arrived=arrived is not None)
        if int(fabric.rank[step.row]) in PERMITTED and step.kind == "connect":
            hours = max(1.0, (fabric.end - fabric.begin) / HOUR)
            rate = len(self.talks.of.get(step.row, ())) / hours
            yield from timing.adjacent(rate, at, acts)
            yield from self._permitted(step, at)
        into = [r for r, s in self.steps.items() if s.step.head == step.tail and r != step.row]
        yield from timing.overlap(self.talks, into, at)
        out = self.talks.after(step.row, at)
        if out is not None and step.kind == "connect":
            yield from timing.relay(self.talks, into, out)

    def _permitted(self, step: Step, at: int) -> Iterator[Weight]:
        """What was done without a rule on both sides of a permitted connection."""
        found = self.violations.onward(step.head, at)
        if found is not None:
            yield from timing.onward(*found)
        bridged = self.violations.bridge(step.row, at)
        if bridged is not None:
            yield from timing.bridge(bridged.before, bridged.reached, bridged.onto)
        for begin, text in self.changed.get(step.row, ()):
            if begin <= at < begin + DAY:
                yield Weight("changed", CHANGED, text)
                return
        for one in self._bulks(step.row):
            if one.at == at:
                yield from timing.bulk(one)

    @cached_property
    def violations(self) -> Violations:
        """Who did what without a rule, and when."""
        return Violations(self.fabric, self.violated)

    def _backwards(self, step: Step, at: int, *, outside: bool) -> Iterator[Weight]:
        """What the step explains of the host that it leads to, where its own source is unknown."""
        acts = self._acts(step.head, step.row)
        arrived = self._arrival(step.head, step.row)
        if acts:
            if int(self.fabric.rank[step.row]) in PERMITTED and step.kind == "connect":
                yield from self._permitted(step, at)
            if at > acts[0] + timing.SLACK and not outside:
                yield Weight("order", -1.0, "the host that it leads to had taken steps before")
            elif step.kind == "connect":
                yield replace(
                    timing.gap(at, acts[0], arrived=True),
                    text=f"{span(acts[0] - at)} before the first step of the host that it leads to",
                )
        elif step.head not in self.seed_hosts:
            yield from self._without_acts(at, arrived, outside=outside)
        if acts and arrived is not None and arrived <= acts[0] + timing.SLACK and not outside:
            yield from self._explained(step, at, acts[0])

    def _without_acts(self, at: int, arrived: int | None, *, outside: bool) -> Iterator[Weight]:
        idle = "the host that it leads to took no step of its own"
        if not outside:
            yield Weight("explained", IDLE, idle)
            if arrived is not None:
                yield replace(
                    timing.gap(arrived, at, arrived=False),
                    text=f"{span(at - arrived)} from when control came to the host it leads to",
                )
        elif arrived is None:
            yield Weight("explained", IDLE, idle)
        elif not -timing.SLACK <= at - arrived <= control.PROMPT:
            # A host that control had reached may well call home and do no more, but then at once.
            yield Weight("explained", EXPLAINED, idle)

    def _explained(self, step: Step, at: int, acted: int) -> Iterator[Weight]:
        """The surer another step explains that the host acted, the less is left for this one to explain. A call
        home soon after this one comes of it, and explains nothing."""
        best = max(
            (
                s.likelihood
                for r, s in self.steps.items()
                if s.step.head == step.head
                and r != step.row
                and s.at <= acted + timing.SLACK
                and not (
                    step.kind == "connect"
                    and s.step.kind == "reverse"
                    and 0 <= s.at - at <= control.PROMPT
                )
            ),
            default=0.0,
        )
        if not best:
            return
        value = max(IDLE, log10(max(1.0 - best, 1e-9)))
        yield Weight(
            "explained", value, f"it is {best:.0%} sure how control came to the host it leads to"
        )

    def _controlled(self, step: Step, at: int) -> Iterator[Weight]:
        head = step.head
        onward = self._acts(head, step.row)
        others = {
            int(self.fabric.src[r]) for r, s in self.steps.items()
            if s.step.kind == "reverse" and s.step.tail == step.tail and r != step.row
        } - {head}  # fmt: skip
        reached = self._arrival(head, step.row)
        known = any(
            s.step.tail == step.tail and s.step.head == head and r != step.row
            for r, s in self.steps.items()
        )
        yield from control.control(
            self.fabric, self.talks, step, onward, reached, len(others), known=known
        )
        if self.fabric.internal(step.tail):
            tail = self._arrival(step.tail, step.row)
            if tail is not None and tail <= at + timing.SLACK and (reached is None or tail < reached):
                yield Weight(
                    "direction", 0.8, "its responder was in the intruder's hands before its source"
                )


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
