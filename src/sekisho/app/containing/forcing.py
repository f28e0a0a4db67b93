"""The plans in force in a workspace, and since when each of their gateways holds them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sekisho.app.containing.grounds import ground, restriction_of
from sekisho.app.containing.plans import stands
from sekisho.app.containing.probes import probes
from sekisho.app.decisions import Decisions
from sekisho.app.workspace import Workspace
from sekisho.contain.force import Enforced, Force, Opening
from sekisho.errors import FileProblems, RequestError
from sekisho.model.plans import HELD
from sekisho.model.restrictions import IN_FORCE
from sekisho.state.plan_records import DraftedPlan, PlanEvent
from sekisho.state.plans import PlanStore


def force(workspace: Workspace, decisions: Decisions, *, now: datetime, by: str) -> Force | None:
    """What is in force, None where nothing is. Raises FileProblems."""
    store = decisions.state.plans()
    plans = enforced(store)
    if not plans:
        return None
    on = ground(workspace, decisions, now=now, by=by)
    return Force(plans, on, openings(store), probes(store))


def force_and_notes(
    workspace: Workspace, decisions: Decisions, *, now: datetime, by: str
) -> tuple[Force | None, tuple[str, ...]]:
    """What is in force as far as it can be told, and what cannot: an audit goes on without it."""
    try:
        found = force(workspace, decisions, now=now, by=by)
    except (FileProblems, RequestError) as error:
        first = str(error).splitlines()[0]
        return None, (f"whether anything escaped the plans in force was not looked at: {first}",)
    if found is None:
        return None, ()
    return found, tuple(
        f"whether anything escaped {plan} was not looked at: {why}"
        for plan, why in found.unknown.items()
    )


def enforced(store: PlanStore) -> tuple[Enforced, ...]:
    """The plans that gateways hold, in the order of drafting."""
    events: dict[str, list[PlanEvent]] = {}
    for event in store.events():
        events.setdefault(event.plan, []).append(event)
    found = []
    for plan in store.drafted():
        done = events.get(plan.id, [])
        if done and done[-1].state in IN_FORCE and (since := held_since(plan, done)):
            found.append(Enforced(plan.id, restriction_of(plan.body["restriction"]), since))
    return tuple(found)


def openings(store: PlanStore) -> tuple[Opening, ...]:
    """All exemptions there ever were."""
    found: dict[str, Opening] = {}
    for event in store.events():
        if event.action != "exempt":
            continue
        body = event.body["exempt"]
        name = body["id"]
        if "sentence" in body:
            until = datetime.fromisoformat(body["until"])
            found.setdefault(name, Opening(name, body["sentence"], event.at, until))
        elif body.get("closed") and name in found:
            found[name] = replace(found[name], end=min(found[name].end, event.at))
    return tuple(found.values())


def held_since(plan: DraftedPlan, events: list[PlanEvent]) -> dict[str, datetime]:
    """Since when each gateway that is to hold a plan holds it without a break: the time at which it was
    told, or told of, whatever was confirmed since."""
    document = stands(plan, events)
    holding = {one.name for one in document.gateways if one.state in HELD}
    since: dict[str, datetime] = {}
    for event in events:
        for name, said in event.body.get("results", {}).items():
            if said["state"] in HELD:
                since.setdefault(name, event.at)
            elif said["state"] not in ("unreachable", "failed"):
                since.pop(name, None)
    return {name: at for name, at in since.items() if name in holding}
