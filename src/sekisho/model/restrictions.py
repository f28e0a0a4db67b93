"""Restrictions: what is cut, what is kept, and in which state a plan for them is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

SeveranceKind = Literal["host", "group", "link", "site", "all"]
Direction = Literal["both", "in", "out"]
"""Whose connections are cut: `out` those that the severed end begins, `in` those begun towards it. Of a
link the severed end is the one written first."""
Existing = Literal["drop", "drain"]
"""What becomes of sessions that are open: `drop` ends them, `drain` lets them go on until they end."""
PlanState = Literal[
    "draft",
    "previewed",
    "approved",
    "applied",
    "confirmed",
    "lifted",
    "partial",
    "failed",
    "rolled_back",
    "applied_elsewhere",
]
STATES: tuple[PlanState, ...] = (
    "draft",
    "previewed",
    "approved",
    "applied",
    "confirmed",
    "lifted",
    "partial",
    "failed",
    "rolled_back",
    "applied_elsewhere",
)
IN_FORCE: frozenset[PlanState] = frozenset({"applied", "confirmed", "partial", "applied_elsewhere"})
"""States in which gateways may hold the restriction. It never expires by itself."""
NEXT: Mapping[PlanState, frozenset[PlanState]] = {
    "draft": frozenset({"previewed"}),
    "previewed": frozenset(
        {"previewed", "approved", "applied", "partial", "failed", "applied_elsewhere"}
    ),
    "approved": frozenset({"previewed", "applied", "partial", "failed", "applied_elsewhere"}),
    "applied": frozenset({"confirmed", "rolled_back", "partial", "lifted"}),
    "partial": frozenset(
        {"applied", "confirmed", "applied_elsewhere", "rolled_back", "failed", "lifted"}
    ),
    "failed": frozenset({"previewed", "applied", "partial", "applied_elsewhere"}),
    "confirmed": frozenset({"lifted", "partial", "rolled_back"}),
    "applied_elsewhere": frozenset({"confirmed", "partial", "lifted", "rolled_back"}),
    "rolled_back": frozenset({"previewed"}),
    "lifted": frozenset(),
}
"""Which state may follow which; what is not listed is refused."""


SOAK, PATIENCE = 600, 1800
"""Seconds for which a stage is looked at after it was told, and that its evidence may come late."""


@dataclass(frozen=True, slots=True)
class Staging:
    """Site by site instead of everywhere at once. `stages` are the sites of each stage, in order; `rest` is
    every gateway that no other stage tells.

    `soak` are the seconds for which evidence is looked at after a stage was told, `patience` those that it
    may come late. No stage follows one after which more than `escaped` connections had crossed what is cut,
    or more than `broken` had stopped that were to go on.
    """

    stages: tuple[tuple[str, ...], ...]
    soak: int = SOAK
    patience: int = PATIENCE
    escaped: int = 0
    broken: int = 0


@dataclass(frozen=True, slots=True)
class Restriction:
    """A containment measure, as a person asked for it. It only ever removes permissions.

    `sever` are the targets as written (`host:10.40.2.10`, `group:th-plant/edi`, `link:A <-> B`,
    `site:th-plant`, `all`). Kept open: rules of `keep_tier`, and the rules of the ids in `allow`.
    `existing_at` (a selector, such as `th-plant/scada`) says it differently for sessions with an end there.
    `override` names the services of gateways.yaml that may be cut although they must not be. `staging` says
    how gateways are told one after the other, None where all are told at once.
    """

    sever: tuple[str, ...]
    direction: Direction = "both"
    keep_tier: Literal["essential"] | None = None
    allow: tuple[str, ...] = ()
    existing: Existing = "drop"
    existing_at: Mapping[str, Existing] = field(default_factory=dict)
    incident: str | None = None
    reason: str = ""
    override: tuple[str, ...] = ()
    staging: Staging | None = None
