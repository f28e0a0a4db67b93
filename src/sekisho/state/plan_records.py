"""The rows of containment plans as values. All times are aware UTC; `seq` is the place in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sekisho.model.restrictions import PlanState

PlanActionKind = Literal[
    "preview",
    "approve",
    "breakglass",
    "apply",
    "confirm",
    "rollback",
    "lift",
    "elsewhere",
    "escaped",
    "read_back",
    "expired",
    "drift",
    "exempt",
    "stage",
    "bypass",
    "probe",
    "probed",
]
PLAN_ACTIONS: tuple[PlanActionKind, ...] = get_args(PlanActionKind)


@dataclass(frozen=True, slots=True)
class DraftedPlan:
    """A plan as it was drafted. `body` holds the restriction, `hash` and what it rests on."""

    seq: int
    id: str
    at: datetime
    by: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PlanEvent:
    """What was done with a plan since. `state` is the plan's afterwards; `body` what else is known of it."""

    seq: int
    plan: str
    action: PlanActionKind
    state: PlanState
    by: str
    at: datetime
    body: Mapping[str, Any]
