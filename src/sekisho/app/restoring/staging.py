"""The stages of a restoration over the plans as they stand: which plan each lifts, and what holds the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sekisho.app.containing.grounds import plan_asked_for, restriction_of
from sekisho.app.containing.plans import current
from sekisho.app.restoring.records import Restoration
from sekisho.errors import Refused, RequestError
from sekisho.model.plans import PlanDocument
from sekisho.model.restrictions import IN_FORCE, Restriction
from sekisho.restore.places import Pair
from sekisho.restore.stages import Opening, Register, less, read_opening
from sekisho.state.plans import PlanStore


@dataclass(frozen=True, slots=True)
class Step:
    """One plan in a stage. `origin` is the plan that the restoration names, `lifts` the one that holds its
    link until this stage; `left` is what is held from then on, by the plan `instead` once it is drafted."""

    origin: str
    lifts: PlanDocument
    before: Restriction
    left: Restriction | None
    instead: PlanDocument | None

    @property
    def done(self) -> bool:
        """Whether nothing of it is left to be done. What no gateway ever held needs no lifting."""
        return self.lifts.state == "lifted" or not self.lifts.gateways

    @property
    def under_way(self) -> bool:
        """Whether gateways were told, and it waits to be confirmed; or others are to tell theirs. Where no
        gateway took the lifting, nothing is under way."""
        deeds = [
            one.kind
            for one in self.lifts.history
            if one.kind in ("apply", "lift", "confirm", "rollback")
        ]
        begun = self.lifts.state in IN_FORCE and deeds[-1:] == ["lift"]
        return any(
            g.state == "lifting" or (begun and g.state == "elsewhere") for g in self.lifts.gateways
        )


@dataclass(frozen=True, slots=True)
class Staged:
    """One stage. `pairs` are the links that it gives back; `recontained` whether it was cut again."""

    number: int
    words: tuple[str, ...]
    pairs: frozenset[Pair]
    steps: tuple[Step, ...]
    lifted_at: datetime | None
    recontained: bool

    @property
    def done(self) -> bool:
        """Whether it is lifted."""
        return bool(self.steps) and all(step.done for step in self.steps)

    @property
    def under_way(self) -> bool:
        """Whether it waits to be confirmed."""
        return not self.done and any(step.under_way for step in self.steps)


def staged(restoration: Restoration, plans: PlanStore, register: Register) -> tuple[Staged, ...]:
    """Every stage. Raises RequestError where the register does not know a name any more."""
    return tuple(_staged(restoration, plans, register))


def _staged(restoration: Restoration, plans: PlanStore, register: Register) -> Iterator[Staged]:
    given = Opening()
    originals = {
        name: restriction_of(plan_asked_for(plans, name).body["restriction"])
        for name in restoration.plans
    }
    before, holds = dict(originals), {name: name for name in originals}
    for number, words in enumerate(restoration.stages, 1):
        was, given = given, given | read_opening(words, register)
        steps: list[Step] = []
        pairs: frozenset[Pair] = frozenset()
        for origin in list(before):
            left = less(originals[origin], given, register).restriction
            if left == before[origin]:
                continue
            pairs |= _given(originals[origin], was, given, register)
            name = restoration.instead(number, origin) if left is not None else None
            instead = current(plans, name) if name else None
            steps.append(Step(origin, current(plans, holds[origin]), before[origin], left, instead))
            if left is None:
                del before[origin]
            else:
                before[origin], holds[origin] = left, name or holds[origin]
        yield Staged(
            number,
            words,
            pairs,
            tuple(steps),
            _when(restoration, number, steps),
            bool(restoration.said("recontain", number)),
        )


def _given(original: Restriction, was: Opening, now: Opening, register: Register) -> frozenset[Pair]:
    """The links of which a stage gives back something. One that earlier stages gave back in part is among
    them where it is given back whole now."""
    whole = [Opening(one.pairs, one.sites, rest=one.rest) for one in (was, now)]
    found: frozenset[Pair] = frozenset()
    for before, after in ((was, now), whole):
        found |= less(original, after, register).pairs - less(original, before, register).pairs
    return found


def _when(restoration: Restoration, number: int, steps: Sequence[Step]) -> datetime | None:
    """When the last of its plans was lifted, None where one is not."""
    if not steps or not all(step.done for step in steps):
        return None
    told = [one.at for one in restoration.said("lift", number)]
    return max(_lifted_at(step) or max(told, default=restoration.at) for step in steps)


def _lifted_at(step: Step) -> datetime | None:
    at = [one.at for one in step.lifts.history if one.kind in ("confirm", "lift", "elsewhere")]
    return at[-1] if at and step.lifts.state == "lifted" else None


def applied_at(plans: PlanStore, name: str) -> datetime | None:
    """Since when a plan is in force, None where it never was."""
    return next((one.at for one in plans.events(name) if one.state in IN_FORCE), None)


def plans_of(restoration: Restoration, left: Iterable[Staged]) -> set[str]:
    """The plans that a restoration works on while those stages are left."""
    names = set(restoration.plans)
    for stage in left:
        for step in stage.steps:
            names |= {step.lifts.id, *([step.instead.id] if step.instead else [])}
    return names


def next_stage(stages: tuple[Staged, ...], restoration: Restoration) -> Staged:
    """The first that is not lifted. Raises RequestError where all are, Refused for a restoration that
    another was planned in place of."""
    if restoration.replaced_by is not None:
        raise Refused(
            f"{restoration.replaced_by} was planned in place of {restoration.id}",
            f"sekisho restore status {restoration.replaced_by}",
        )
    for one in stages:
        if not one.done:
            return one
    raise RequestError(f"every stage of {restoration.id} is lifted")
