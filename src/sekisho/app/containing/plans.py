"""Plans as they stand: what was drafted, what was done since, and in which state each is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sekisho.app.containing.grounds import plan_asked_for
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.contain.gateways.base import Outcome
from sekisho.contain.transitions import follow, state_of
from sekisho.model.plans import HELD, PlanDocument, PlansDocument
from sekisho.state.plan_records import DraftedPlan, PlanEvent
from sekisho.state.plans import PlanStore


def listed(workspace: Workspace) -> PlansDocument:
    """Every plan, the latest first."""
    with open_decisions(workspace) as decisions:
        store = decisions.state.plans()
        events: dict[str, list[PlanEvent]] = {}
        for event in store.events():
            events.setdefault(event.plan, []).append(event)
        found = tuple(stands(one, events.get(one.id, ())) for one in reversed(store.drafted()))
    notes = () if found else ("no plan was ever drafted here: `sekisho contain plan --sever …`",)
    return PlansDocument(plans=found, notes=notes)


def shown(workspace: Workspace, asked: str) -> PlanDocument:
    """One plan as it stands. Raises RequestError."""
    with open_decisions(workspace) as decisions:
        return current(decisions.state.plans(), asked)


def current(store: PlanStore, asked: str) -> PlanDocument:
    """One plan as it stands. Raises RequestError."""
    plan = plan_asked_for(store, asked)
    return stands(plan, store.events(plan.id))


def stands(plan: DraftedPlan, events: Sequence[PlanEvent]) -> PlanDocument:
    """The document of a plan. The latest entry that says what it comes to (a preview) counts."""
    body: dict[str, Any] = dict(plan.body)
    for event in events:
        if event.action == "preview":
            body |= event.body
    asked = plan.body["restriction"]
    return PlanDocument.model_validate(
        {
            "id": plan.id,
            "hash": body["hash"],
            "state": events[-1].state if events else "draft",
            "at": plan.at,
            "by": plan.by,
            **{k: asked[k] for k in ("incident", "reason", "sever", "direction", "keep_tier", "allow")},
            "existing": asked["existing"],
            "existing_at": asked["existing_at"],
            "overrides": asked["override"],
            "policy_sha256": body["policy"],
            "inventory_sha256": body["inventory"],
            "gateways_sha256": body["gateways_sha256"],
            "with_plans": body["with"],
            "kept": body["kept"],
            "gateways": [_gateway(one, events) for one in body["gateways"]],
            "staging": _staging(asked.get("staging"), body, events),
            "unenforceable": body["unenforceable"],
            "warnings": body["warnings"],
            "approvals": [
                {
                    "by": e.body["person"],
                    "for": e.body["for"],
                    "at": e.at,
                    "key": e.body["key"],
                    "hash": e.body["hash"],
                    "holds": e.body["hash"] == body["hash"],
                }
                for e in events
                if e.action == "approve"
            ],
            "history": list(_history(plan, events)),
        }
    )


def _gateway(one: Mapping[str, Any], events: Iterable[PlanEvent]) -> dict[str, Any]:
    found = dict(one)
    for event in events:
        said = event.body.get("results", {}).get(one["name"])
        if said is not None:
            found |= {"state": said["state"], "at": event.at, "why": said.get("why")}
    return found


def _staging(
    asked: Mapping[str, Any] | None, body: Mapping[str, Any], events: Sequence[PlanEvent]
) -> dict[str, Any] | None:
    """The stages of a plan as they stand. What came of them before the latest preview is over."""
    if asked is None:
        return None
    seen = max((n for n, one in enumerate(events) if one.action == "preview"), default=-1)
    since = events[seen + 1 :]
    holding = {name for name, one in _latest(since).items() if one in HELD}
    stages = []
    for number, stage in enumerate(body.get("stages", ()), start=1):
        found: dict[str, Any] = {"number": number, **stage}
        if holding & set(stage["gateways"]):
            found["state"] = "told"
        for event in since:
            if event.action == "stage" and event.body["stage"] == number:
                found |= {"state": event.body["came"], "at": event.at, **event.body["seen"]}
                found["why"] = event.body["why"] or None
        if found.get("state") == "passed" and not set(stage["gateways"]) <= holding:
            # Somebody took it back since: it is told and looked at again.
            found["state"] = "waiting"
        stages.append(found)
    return {
        "soak": asked["soak"],
        "patience": asked["patience"],
        "accept_escaped": asked["escaped"],
        "accept_broken": asked["broken"],
        "stages": stages,
    }


def _latest(events: Iterable[PlanEvent]) -> dict[str, Any]:
    """What became of each gateway last."""
    found: dict[str, Any] = {}
    for event in events:
        for name, said in event.body.get("results", {}).items():
            found[name] = said["state"]
    return found


def _history(plan: DraftedPlan, events: Iterable[PlanEvent]) -> Iterable[dict[str, Any]]:
    yield {"entry": plan.seq, "at": plan.at, "by": plan.by, "kind": "draft", "text": ""}
    for event in events:
        text = event.body.get("text", "")
        yield {"entry": event.seq, "at": event.at, "by": event.by, "kind": event.action, "text": text}


def outcome_entry(document: PlanDocument, outcomes: Mapping[str, Outcome], text: str) -> dict[str, Any]:
    """What the ledger keeps of what became of gateways: the state that the plan comes to, and each outcome.

    Raises Refused for a state that may not follow.
    """
    states = {g.name: g.state for g in document.gateways} | {n: o.state for n, o in outcomes.items()}
    state = state_of(list(states.values()))
    if state == "rolled_back" and document.state == "failed":
        state = "failed"
    return {
        "plan": document.id,
        "state": follow(document.id, document.state, state),
        "text": text,
        "results": {name: {"state": o.state, "why": o.why} for name, o in outcomes.items()},
    }
