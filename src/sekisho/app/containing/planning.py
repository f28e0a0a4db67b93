"""Draft a plan: work it out, refuse what a safety rule forbids, and write it into the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sekisho.app.containing.grounds import ground
from sekisho.app.containing.plans import current
from sekisho.app.decisions import open_decisions
from sekisho.app.incidents import asked_for
from sekisho.app.workspace import Workspace
from sekisho.contain.proposal import Proposal, plain, propose
from sekisho.errors import Refused, RequestError
from sekisho.model.plans import PlanDocument
from sekisho.model.restrictions import Restriction

MAX_TEXT = 4_000
MOST_TARGETS = 200


def plan(workspace: Workspace, restriction: Restriction, *, now: datetime, by: str) -> PlanDocument:
    """Draft a plan. Neither logs nor a preview are needed for it.

    Raises RequestError for names that are not in the register, Refused where it would cut what gateways
    are told or heard by, or what must never be cut.
    """
    if len(restriction.reason) > MAX_TEXT:
        raise RequestError(f"at most {MAX_TEXT} characters of a reason")
    if len(restriction.sever) > MOST_TARGETS:
        raise RequestError(f"at most {MOST_TARGETS} targets", "sever a group or a site")
    with open_decisions(workspace) as decisions:
        on = ground(workspace, decisions, now=now, by=by)
        guarded = {*on.points.never_cut, *on.points.lifelines}
        unknown = sorted(set(restriction.override) - guarded)
        if unknown:
            raise RequestError(
                f"gateways.yaml guards nothing called {', '.join(unknown)}",
                f"never_cut and lifelines have {', '.join(sorted(guarded)) or 'no names'}",
            )
        with decisions.exclusive():
            if restriction.incident is not None:
                incident = asked_for(decisions.state.incidents(), restriction.incident)
                restriction = replace(restriction, incident=incident.id)
            store = decisions.state.plans()
            name = f"P-{len(store.drafted()) + 1}"
            proposal = propose(name, restriction, on)
            refuse(proposal)
            body = {"plan": name, "restriction": plain(restriction), **told(proposal, on.points.sha256)}
            body |= {"policy": on.policy.sha256, "inventory": on.inventory.sha256}
            decisions.decide("plan.draft", body, at=now, by=by)
            return current(decisions.state.plans(), name)


def refuse(proposal: Proposal) -> None:
    """Raise Refused, with every guarded path that would be cut."""
    found = [f"{one}\n  help: {one.mend}" for one in proposal.breaches]
    if found:
        raise Refused("\n".join(found), "nothing was planned")


def told(proposal: Proposal, gateways: str) -> dict[str, Any]:
    """What a proposal comes to, as the ledger keeps it."""
    return {
        "hash": proposal.hash,
        "gateways_sha256": gateways,
        "with": sorted(set(_plans(proposal))),
        "kept": [{"name": one.name, "by": one.by} for one in proposal.severed.kept],
        "gateways": [
            {
                "name": one.gateway.name,
                "platform": one.gateway.platform,
                "address": str(one.gateway.address),
                "deliver": one.gateway.deliver,
                "sha256": one.sha256,
                "why": one.why or None,
            }
            for one in proposal.told
        ],
        "unenforceable": [
            {"from": one.begin, "to": one.end, "why": one.why} for one in proposal.unenforceable
        ],
        "warnings": list(proposal.warnings),
        "stages": [
            {"sites": list(one.sites), "gateways": list(one.gateways)} for one in proposal.stages
        ],
    }


def _plans(proposal: Proposal) -> list[str]:
    return [
        held.plan
        for one in proposal.told
        for held in one.order.held
        if held.severed is not proposal.severed
    ]
