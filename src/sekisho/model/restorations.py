"""Restorations as documents.

Field names and their meanings are relied on outside; within version 1 they only grow. Times are aware
UTC; addresses are text; hashes are SHA-256 in hex.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from sekisho.model.findings import Document, Time
from sekisho.model.previews import CutConnection, RuleShare
from sekisho.model.restrictions import PlanState

StageState = Literal["waiting", "closed", "ready", "approved", "lifting", "lifted", "recontained"]
"""`waiting` for the stage before it; `closed` by a gate; `ready` to be approved; `approved`, to be lifted;
`lifting` until it is confirmed at the gateways; `lifted`; `recontained`: it was lifted and cut again."""


class GateDay(Document):
    """A UTC day as evidence. `covered` is the share of its hours by site, None where none of its sensors
    sees the site's edge."""

    day: str
    quiet: bool
    covered: dict[str, float | None]
    why: str = ""


class WaiverDocument(Document):
    """Somebody's word that a stage may be lifted although this gate is not open."""

    by: str
    at: Time
    why: str


class GateDocument(Document):
    """One gate. `unknown`: what it rests on was never recorded; it holds as much as `closed`. `passes` is
    whether it is open or waived; `demands` are the numbers that were asked for."""

    name: str
    state: Literal["open", "closed", "unknown"]
    passes: bool
    asks: str
    why: str
    demands: dict[str, Any] = Field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    days: tuple[GateDay, ...] = ()
    waived: WaiverDocument | None = None


class StagePlan(Document):
    """A plan that a stage touches. `lifts` is the plan that is lifted, `hash` its hash; `instead` is the plan
    with less that holds the rest from then on, None where nothing is left or none was drafted yet, and
    `holds` what that severs."""

    lifts: str
    state: PlanState
    hash: str
    instead: str | None = None
    instead_state: PlanState | None = None
    instead_hash: str | None = None
    holds: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()


class StageApproval(Document):
    """A signature over the stage. `holds` is False where the stage or its waivers changed since."""

    by: str
    at: Time
    key: str
    hash: str
    holds: bool


class StageDocument(Document):
    """One stage. `hash` is over all that it would do, waivers included: what is approved. `held_by` are
    other plans in force that cut some of the same links still."""

    number: int
    state: StageState
    opens: tuple[str, ...]
    links: tuple[str, ...]
    hash: str
    plans: tuple[StagePlan, ...] = ()
    gates: tuple[GateDocument, ...] = ()
    approvals: tuple[StageApproval, ...] = ()
    lacks: tuple[str, ...] = ()
    held_by: tuple[str, ...] = ()
    lifted_at: Time | None = None


class RestorationAction(Document):
    """One thing that was decided, with the number of its ledger entry."""

    entry: int
    at: Time
    by: str
    kind: str
    text: str = ""


class RestorationDocument(Document):
    """`sekisho restore status R-1 --format json`.

    Gates are judged for the first stage that is not lifted. `reopens` is what that stage would let pass
    again of all that was seen in the year before the cut and since; `reopened_findings` are those among it.
    With `replaced_by` another restoration was planned in its place, and nothing is lifted by this one any more.
    """

    schema_: Literal["sekisho.restoration/1"] = Field(default="sekisho.restoration/1", alias="schema")
    id: str
    at: Time
    by: str
    made: Time
    plans: tuple[str, ...]
    since: Time
    reason: str = ""
    replaced_by: str | None = Field(default=None, exclude_if=lambda v: v is None)
    stages: tuple[StageDocument, ...]
    reopens: tuple[CutConnection, ...] = ()
    reopens_by_rule: tuple[RuleShare, ...] = ()
    reopened_findings: tuple[str, ...] = ()
    history: tuple[RestorationAction, ...] = ()
    notes: tuple[str, ...] = ()


class RestorationsDocument(Document):
    """`sekisho restore status --format json`: every restoration, the latest first."""

    schema_: Literal["sekisho.restorations/1"] = Field(default="sekisho.restorations/1", alias="schema")
    restorations: tuple[RestorationDocument, ...] = ()
    notes: tuple[str, ...] = ()
