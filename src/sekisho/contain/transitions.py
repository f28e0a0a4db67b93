"""How a plan stands when its gateways stand as they do."""

from __future__ import annotations

from collections.abc import Collection

from sekisho.errors import Refused
from sekisho.model.plans import HELD, GatewayState
from sekisho.model.restrictions import NEXT, PlanState

_HOLDING: frozenset[GatewayState] = HELD | {"lifting"}


def state_of(gateways: Collection[GatewayState]) -> PlanState:
    """The state that those of its gateways come to: a plan is only as far as the one that is least far."""
    states = set(gateways)
    if states and states <= {"lifted"}:
        return "lifted"
    if states & {"lifted"}:
        return "partial"
    if states and states <= {"elsewhere"}:
        return "applied_elsewhere"
    if states and states <= {"confirmed", "elsewhere", "lifting"}:
        return "confirmed"
    if states and states <= _HOLDING:
        return "applied"
    if states & _HOLDING:
        return "partial"
    if states & {"rolled_back"}:
        return "rolled_back"
    return "failed"


def follow(plan: str, state: PlanState, to: PlanState) -> PlanState:
    """`to`, where it may follow `state`. Raises Refused."""
    if to != state and to not in NEXT[state]:
        after = ", ".join(sorted(NEXT[state])) or "nothing"
        raise Refused(f"{plan} is {state}: it cannot become {to}", f"after {state} comes {after}")
    return to
