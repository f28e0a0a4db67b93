"""What a plan rests on in a workspace: the register and gateways as they stand, and what is in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sekisho.app.decisions import Decisions
from sekisho.app.register import Register, load_register
from sekisho.app.workspace import Workspace
from sekisho.contain.backends.registry import BACKENDS
from sekisho.contain.points import FILE, Points, parse_points
from sekisho.contain.proposal import Ground
from sekisho.errors import RequestError
from sekisho.inventory.files import read_bytes
from sekisho.inventory.register import Inventory
from sekisho.model.restrictions import IN_FORCE, PlanState, Restriction, Staging
from sekisho.model.rules import Policy
from sekisho.state.plan_records import DraftedPlan
from sekisho.state.plans import PlanStore


def ground(
    workspace: Workspace, decisions: Decisions, *, now: datetime, by: str, without: str | None = None
) -> Ground:
    """The ground of a plan; `without` leaves one plan out of those in force.

    Raises FileProblems for a register or gateways.yaml that cannot be read.
    """
    return ground_of(
        workspace, decisions, load_register(workspace, decisions, now=now, by=by), now, without
    )


def ground_of(
    workspace: Workspace,
    decisions: Decisions,
    register: Register,
    now: datetime,
    without: str | None = None,
) -> Ground:
    """The same of a register that was read already."""
    policy = register.compiled.policy
    return Ground(
        register.inventory,
        policy,
        read_points(workspace, register.inventory, policy),
        {name: one for name, one in in_force(decisions.state.plans()).items() if name != without},
        BACKENDS,
        now,
    )


def read_points(workspace: Workspace, inventory: Inventory, policy: Policy) -> Points:
    """gateways.yaml; without the file there are no gateways."""
    path = workspace.root / FILE
    if not path.exists():
        return Points()
    if not path.is_file():
        raise RequestError(f"{path} is not a file", f"move it away and write {FILE} in its place")
    return parse_points(read_bytes(path), inventory, policy.services)


def in_force(store: PlanStore) -> dict[str, Restriction]:
    """The restrictions that gateways may hold, by the ids of their plans, in the order of drafting."""
    states = states_of(store)
    return {
        plan.id: restriction_of(plan.body["restriction"])
        for plan in store.drafted()
        if states[plan.id] in IN_FORCE
    }


def states_of(store: PlanStore) -> dict[str, PlanState]:
    """The state that each plan is in."""
    found: dict[str, PlanState] = {plan.id: "draft" for plan in store.drafted()}
    for event in store.events():
        found[event.plan] = event.state
    return found


def restriction_of(body: Mapping[str, Any]) -> Restriction:
    """A restriction as the ledger keeps it."""
    return Restriction(
        sever=tuple(body["sever"]),
        direction=body["direction"],
        keep_tier=body["keep_tier"],
        allow=tuple(body["allow"]),
        existing=body["existing"],
        existing_at=dict(body["existing_at"]),
        incident=body["incident"],
        reason=body["reason"],
        override=tuple(body["override"]),
        staging=_staging(body["staging"]) if body.get("staging") else None,
    )


def _staging(body: Mapping[str, Any]) -> Staging:
    stages = tuple(tuple(sites) for sites in body["stages"])
    return Staging(**{**body, "stages": stages})


def plan_asked_for(store: PlanStore, asked: str) -> DraftedPlan:
    """The plan of that id (`P-3`, `3`). Raises RequestError."""
    wanted = asked.upper() if asked.upper().startswith("P-") else f"P-{asked}"
    drafted = store.drafted()
    for one in drafted:
        if one.id == wanted:
            return one
    some = ", ".join(one.id for one in drafted[-5:])
    raise RequestError(
        f"there is no plan {asked}",
        f"the latest are {some}" if some else "none was drafted: `sekisho contain plan`",
    )
