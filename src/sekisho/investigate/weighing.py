"""What speaks for a step and against it, given what is already known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import log10

from sekisho.investigate.dating import Dating
from sekisho.investigate.fabric import PERMITTED, RESIDUAL
from sekisho.investigate.factors import connection, control, timing
from sekisho.investigate.factors.base import Step, Weight, span
from sekisho.investigate.moments import DAY, HOUR
from sekisho.investigate.steps import Known

EXPLAINED, IDLE = -0.7, -1.5
"""A host that control had reached may call home without a step of its own; else one that took none needs no
explanation."""
CHANGED = 1.3
"""A permitted connection that left its own baseline while its source was in the intruder's hands."""


@dataclass
class Weighing:
    """Weights of steps, by what is known so far; `without` leaves factors out by id."""

    known: Known
    dating: Dating
    without: frozenset[str] = frozenset()

    def weigh(self, step: Step, at: int) -> list[Weight]:
        """Every reason for and against, if it was taken at that time."""
        found = [w for w in self._every(step, at) if w.id not in self.without]
        if any(weight.id == "bridge" for weight in found):
            # How many use its destination and deal with its source is counted there already.
            return [w for w in found if w.id != "prevalence" and (w.id != "habit" or w.value > 0)]
        return found

    def _every(self, step: Step, at: int) -> Iterator[Weight]:
        fabric = self.known.fabric
        yield Weight(
            "prior", connection.PRIOR, "most connections of a compromised host are its ordinary work"
        )
        yield connection.policy(fabric, step)
        yield connection.service(fabric, step)
        yield from connection.rarity(fabric, step, at)
        yield from connection.crossing(fabric, step)
        yield from connection.probing(fabric, step, at)
        yield from connection.slight(fabric, self.known.talks, step, at)
        yield from self.known.relaying.weights(fabric, step, at)
        if step.kind == "reverse":
            yield from self._controlled(step, at)
        elif step.row in self.known.logons:
            yield self.known.logons[step.row]
        if fabric.internal(step.tail):
            yield from self._from_known(step, at)
        else:
            yield from self._backwards(step, at, outside=True)

    def _from_known(self, step: Step, at: int) -> Iterator[Weight]:
        fabric = self.known.fabric
        arrived, acts = self.known.arrival(step.tail, step.row), self.known.acts(step.tail, step.row)
        if arrived is None and acts and not self.known.by_itself(step.tail, step.row):
            # What is known of its source by this step alone does not speak for it.
            acts = []
        if arrived is None and not acts:
            if step.tail in self.known.seed_hosts:
                yield timing.gap(None, at, arrived=False)
            elif step.row not in self.known.seeds:
                yield from self._backwards(step, at, outside=False)
            return
        since = arrived if arrived is not None else min(acts, key=lambda act: abs(act - at))
        # Control that came after a host had acted says nothing of when it came first.
        if arrived is not None and acts and max(at, acts[0]) < arrived - timing.SLACK:
            since, arrived = min(acts, key=lambda act: abs(act - at)), None
        if not self.known.same_holder(step.tail, since, at):
            yield Weight("holder", -3.0, "the address belonged to another asset by then")
        yield timing.gap(since, at, arrived=arrived is not None)
        if int(fabric.rank[step.row]) in PERMITTED and step.kind == "connect":
            hours = max(1.0, (fabric.end - fabric.begin) / HOUR)
            rate = len(self.known.talks.of.get(step.row, ())) / hours
            yield from timing.adjacent(rate, at, acts)
            yield from self._permitted(step, at)
        elif int(fabric.rank[step.row]) in RESIDUAL and step.kind == "connect":
            yield from self._onward(step, at)
        into = [r for r, s in self.known.steps.items() if s.step.head == step.tail and r != step.row]
        yield from timing.overlap(self.known.talks, into, at)
        out = self.known.talks.after(step.row, at)
        if out is not None and step.kind == "connect":
            yield from timing.relay(self.known.talks, into, out)

    def _permitted(self, step: Step, at: int) -> Iterator[Weight]:
        """What was done without a rule on both sides of a permitted connection."""
        yield from self._onward(step, at)
        bridged = self.known.violations.bridge(step.row, at)
        if bridged is not None:
            yield from timing.bridge(bridged.before, bridged.reached, bridged.onto)
        for begin, text in self.known.changed.get(step.row, ()):
            if begin <= at < begin + DAY:
                yield Weight("changed", CHANGED, text)
                return
        for one in self.dating.bulks(step.row):
            if one.at == at:
                yield from timing.bulk(one)

    def _onward(self, step: Step, at: int) -> Iterator[Weight]:
        """What the host that it leads to did next without a rule."""
        found = self.known.violations.onward(step.head, at)
        if found is not None:
            yield from timing.onward(*found)

    def _backwards(self, step: Step, at: int, *, outside: bool) -> Iterator[Weight]:
        """What the step explains of the host that it leads to, where its own source is unknown."""
        acts = self.known.acts(step.head, step.row)
        arrived = self.known.arrival(step.head, step.row)
        if acts:
            if int(self.known.fabric.rank[step.row]) in PERMITTED and step.kind == "connect":
                yield from self._permitted(step, at)
            if at > acts[0] + timing.SLACK and not outside:
                yield Weight("order", -1.0, "the host that it leads to had taken steps before")
            elif step.kind == "connect":
                yield replace(
                    timing.gap(at, acts[0], arrived=True),
                    text=f"{span(acts[0] - at)} before the first step of the host that it leads to",
                )
                yield from self._before(step, acts)
        elif step.head not in self.known.seed_hosts:
            yield from self._without_acts(step, at, arrived, outside=outside)
        if acts and arrived is not None and arrived <= acts[0] + timing.SLACK and not outside:
            yield from self._explained(step, at, acts[0])

    def _before(self, step: Step, acts: Sequence[int]) -> Iterator[Weight]:
        """What speaks for a session into a host before its first step, as it does for that step: that it was
        open then, or carried the same bytes."""
        talks = self.known.talks
        yield from timing.overlap(talks, [step.row], acts[0])
        for row, scored in self.known.steps.items():
            out = talks.after(row, scored.at) if scored.step.tail == step.head else None
            if out is not None and scored.step.kind == "connect":
                found = list(timing.relay(talks, [step.row], out))
                yield from found
                if found:
                    break

    def _without_acts(
        self, step: Step, at: int, arrived: int | None, *, outside: bool
    ) -> Iterator[Weight]:
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
        elif (
            at < arrived - timing.SLACK or self.known.earliest(step.row, at) - arrived > control.PROMPT
        ):
            # A host that control had reached may well call home and do no more, but then at once.
            yield Weight("explained", EXPLAINED, idle)

    def _explained(self, step: Step, at: int, acted: int) -> Iterator[Weight]:
        """The surer another step explains that the host acted, the less is left for this one to explain. A call
        home soon after this one comes of it, and explains nothing."""
        best = max(
            (
                s.likelihood
                for r, s in self.known.steps.items()
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
        onward = self.known.acts(head, step.row)
        others = {
            int(self.known.fabric.src[r]) for r, s in self.known.steps.items()
            if s.step.kind == "reverse" and s.step.tail == step.tail and r != step.row
        } - {head}  # fmt: skip
        reached = self.known.arrival(head, step.row)
        known = any(
            s.step.tail == step.tail and s.step.head == head and r != step.row
            for r, s in self.known.steps.items()
        )
        yield from control.control(
            self.known.fabric,
            self.known.talks,
            step,
            onward,
            reached,
            len(others),
            known=known,
            unwatched=self.known.unwatched(step.row),
        )
        if self.known.fabric.internal(step.tail):
            # Whoever is steered by a host did not get hold of it first.
            tail = self.known.arrival(step.tail, step.row, apart=head)
            if tail is not None and tail <= at + timing.SLACK and (reached is None or tail < reached):
                yield Weight(
                    "direction", 0.8, "its responder was in the intruder's hands before its source"
                )
