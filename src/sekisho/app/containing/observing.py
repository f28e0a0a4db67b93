"""What gateways say of themselves that was not known: written into the ledger once, before it is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sekisho.app.containing.plans import current, outcome_entry
from sekisho.app.decisions import Decisions
from sekisho.contain.gateways.base import GatewayStatus, Outcome
from sekisho.model.plans import GatewayState, PlanDocument
from sekisho.model.restrictions import IN_FORCE
from sekisho.state.plan_records import PlanEvent
from sekisho.state.plans import PlanStore

_TOLD: frozenset[GatewayState] = frozenset({"applied", "confirmed"})
"""States in which the table of a gateway is ours alone."""


def observe(decisions: Decisions, said: Mapping[str, GatewayStatus], *, now: datetime, by: str) -> None:
    """Note plans that gateways took back by themselves, and tables that somebody else changed or mended."""
    with decisions.exclusive():
        store = decisions.state.plans()
        for plan in store.drafted():
            document = current(store, plan.id)
            if document.state in IN_FORCE:
                taken = _taken_back(document, said)
                if taken:
                    _note_taken(decisions, document, taken, now, by)
                _note_drift(decisions, store, document, said, now, by)


def _taken_back(document: PlanDocument, said: Mapping[str, GatewayStatus]) -> dict[str, Outcome]:
    found = {}
    for one in document.gateways:
        status = said.get(one.name)
        if status is None or not status.reached or status.waiting is not None:
            # What waits now is a later change than the one that was taken back.
            continue
        held = f"{document.id.replace('-', '').lower()}_cut" in status.counters
        if one.state == "applied" and status.expired == document.id:
            found[one.name] = Outcome("rolled_back", "its timer ran out: nobody confirmed it")
        elif one.state == "applied" and one.deliver == "ssh" and not held:
            why = "it holds nothing of it: it restarted before anybody confirmed it"
            found[one.name] = Outcome("rolled_back", why)
        if one.state == "lifting" and status.expired == f"{document.id}-lift":
            found[one.name] = Outcome("confirmed", "its timer took the lifting back")
    return found


def _note_taken(
    decisions: Decisions,
    document: PlanDocument,
    outcomes: Mapping[str, Outcome],
    now: datetime,
    by: str,
) -> None:
    text = "; ".join(f"{name}: {one.why}" for name, one in outcomes.items())
    body = outcome_entry(document, outcomes, text)
    decisions.decide("plan.expired", body, at=now, by=by)


def _note_drift(
    decisions: Decisions,
    store: PlanStore,
    document: PlanDocument,
    said: Mapping[str, GatewayStatus],
    now: datetime,
    by: str,
) -> None:
    held = {one.name for one in document.gateways if one.state in _TOLD}
    before = set(_drifting(store.events(document.id)))
    asked = {name for name, one in said.items() if one.reached}
    after = {name for name in held & asked if said[name].drift} | (before & held - asked)
    if after == before:
        return
    text = f"changed by others: {', '.join(sorted(after))}" if after else "as told again"
    body = {
        "plan": document.id,
        "state": current(store, document.id).state,
        "gateways": sorted(after),
        "text": text,
    }
    decisions.decide("plan.drift", body, at=now, by=by)


def _drifting(events: tuple[PlanEvent, ...]) -> list[str]:
    """The gateways whose tables differed when they were asked last."""
    for event in reversed(events):
        if event.action == "drift":
            return list(event.body.get("gateways", []))
    return []
