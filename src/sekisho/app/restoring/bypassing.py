"""Lift a plan by hand: where a restoration works on its links, its gates are not gone round unheard.

`restore lift` asks the gates and keeps what no stage gives back. Lifting the plan itself does neither, so
it has to name each restoration that it goes round, and everybody is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.app.containing import applying
from sekisho.app.containing.alarms import sound
from sekisho.app.containing.approving import check_approved
from sekisho.app.containing.grounds import plan_asked_for, restriction_of
from sekisho.app.containing.plans import current
from sekisho.app.containing.telling import Step
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.register import load_register
from sekisho.app.restoring.records import Restoration, restorations
from sekisho.app.restoring.staging import Staged, plans_of, staged
from sekisho.app.restoring.standing import gate_documents, standing
from sekisho.app.workspace import Workspace
from sekisho.errors import Refused, RequestError, SekishoError
from sekisho.model.plans import PlanDocument
from sekisho.model.restrictions import Restriction
from sekisho.restore.places import Pair, text_of, touches
from sekisho.restore.stages import Opening, Register, less
from sekisho.state.plans import PlanStore

MAX_TEXT = 4_000


@dataclass(frozen=True, slots=True)
class Around:
    """The restorations, by their ids, whose gates are gone round, and why."""

    restorations: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Guarded:
    """A restoration that is not over and that lifting a plan would go round, with what they have in common."""

    restoration: str
    because: str


def lift(
    workspace: Workspace,
    asked: str,
    *,
    around: Around | None = None,
    now: datetime,
    by: str,
    keys: Sequence[str] = (),
    step: Step | None = None,
) -> PlanDocument:
    """Lift a plan as `applying.lift` does.

    Raises Refused where a restoration works on the plan, its incident or its links, and `around` does not
    name it.
    """
    with open_decisions(workspace) as decisions:
        loaded = load_register(workspace, decisions, now=now, by=by)
        register = Register(loaded.inventory, loaded.policy, now)
        document = current(decisions.state.plans(), asked)
        guarded = tuple(guarding(decisions, document.id, register))
    named = {one.upper() if one.upper().startswith("R-") else f"R-{one}" for one in _names(around)}
    unknown = sorted(named - {one.restoration for one in guarded})
    if unknown:
        raise RequestError(
            f"{', '.join(unknown)} does not hold {document.id}",
            f"leave out --override {unknown[0]}",
        )
    left = [one for one in guarded if one.restoration not in named]
    if left:
        raise Refused(
            "\n".join(f"{one.restoration} gives it back behind gates: {one.because}" for one in left),
            f"sekisho restore lift {left[0].restoration}; or, heard by everybody,"
            f" --override {left[0].restoration} --why 'in words'",
        )
    if around is not None and guarded:
        _go_round(workspace, document, guarded, around, now, by)
    return applying.lift(workspace, document.id, now=now, by=by, keys=keys, step=step)


def guarding(decisions: Decisions, plan: str, register: Register) -> Iterator[Guarded]:
    """The restorations that are not over and work on a plan, or on its incident or links."""
    store = decisions.state.plans()
    restriction = restriction_of(plan_asked_for(store, plan).body["restriction"])
    pairs: frozenset[Pair] | None = None
    for one in restorations(decisions.state.restorations()):
        if one.replaced_by is not None:
            continue
        left = [stage for stage in staged(one, store, register) if not stage.done]
        if not left:
            continue
        if pairs is None:
            pairs = less(restriction, Opening(rest=True), register).pairs
        because = _because(one, left, plan, restriction, pairs, store)
        if because:
            yield Guarded(one.id, because)


def _because(
    one: Restoration,
    left: Sequence[Staged],
    plan: str,
    restriction: Restriction,
    pairs: frozenset[Pair],
    store: PlanStore,
) -> str | None:
    if plan in plans_of(one, left):
        return f"{plan} is one of its plans"
    met = sorted(text_of(pair) for pair in _met(pairs, left))
    if met:
        return f"its stages give back {', '.join(met[:3])}"
    incidents = {plan_asked_for(store, name).body["restriction"]["incident"] for name in one.plans}
    if restriction.incident is not None and restriction.incident in incidents:
        return f"it is of {restriction.incident} too"
    return None


def _met(pairs: frozenset[Pair], left: Iterable[Staged]) -> Iterator[Pair]:
    for pair in {pair for stage in left for pair in stage.pairs}:
        if touches(pairs, pair) or any(touches({pair}, mine) for mine in pairs):
            yield pair


def _names(around: Around | None) -> tuple[str, ...]:
    return around.restorations if around is not None else ()


def _go_round(
    workspace: Workspace,
    document: PlanDocument,
    guarded: Sequence[Guarded],
    around: Around,
    now: datetime,
    by: str,
) -> None:
    """Write down what was gone round, with how its gates stood, and tell everybody, before it is lifted."""
    if not around.why.strip() or len(around.why) > MAX_TEXT:
        raise RequestError(
            "going round a restoration needs a reason",
            f"--why 'in words', at most {MAX_TEXT} characters",
        )
    with open_decisions(workspace) as decisions:
        check_approved(workspace, decisions.state.plans(), document.id, "lift")
    names = [one.restoration for one in guarded]
    gates = {name: _gates(workspace, name, now, by) for name in names}
    body = {
        "plan": document.id,
        "hash": document.hash,
        "restorations": [{"id": o.restoration, "because": o.because} for o in guarded],
        "gates": gates,
        "why": around.why.strip(),
        "text": f"past the gates of {', '.join(names)}: {around.why.strip()}",
    }
    with open_decisions(workspace) as decisions, decisions.exclusive():
        state = current(decisions.state.plans(), document.id).state
        decisions.decide("plan.bypass", {**body, "state": state}, at=now, by=by)
        sound(workspace, decisions, now=now)


def _gates(workspace: Workspace, name: str, now: datetime, by: str) -> list[dict[str, Any]]:
    """How the gates stand, for the record: that they cannot be judged stops nobody who goes round them."""
    try:
        found = gate_documents(standing(workspace, name, now=now, by=by))
        return [{"gate": one.name, "state": one.state, "why": one.why} for one in found]
    except SekishoError as error:
        return [{"gate": "", "state": "unknown", "why": f"not judged: {error}"}]
