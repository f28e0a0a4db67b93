"""Plans of containment as documents.

Field names and their meanings are relied on outside; within version 1 they only grow. Times are aware
UTC; addresses are text; hashes are SHA-256 in hex.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sekisho.model.findings import Document, Time
from sekisho.model.restrictions import Direction, Existing, PlanState

GatewayState = Literal[
    "pending",
    "applied",
    "confirmed",
    "rolled_back",
    "failed",
    "unreachable",
    "elsewhere",
    "lifting",
    "lifted",
]

HELD: frozenset[GatewayState] = frozenset({"applied", "confirmed", "elsewhere"})
"""States in which a gateway is to hold a plan. One that is being lifted may drop nothing any more."""


class KeptDocument(Document):
    """A rule or lifeline that stays open, and why: its `tier`, `allow`ed by name, or a `lifeline`."""

    name: str
    by: Literal["tier", "allow", "lifeline"]


class UnenforceableDocument(Document):
    """Two places (a site, `zone:NAME`, `internet`) that are severed where no gateway can enforce it."""

    begin: str = Field(alias="from")
    end: str = Field(alias="to")
    why: str


class PlanGateway(Document):
    """One gateway of a plan. `sha256` is of the text it will be told, None where it cannot be rendered,
    and `why` says why not. `state` is what became of it there."""

    name: str
    platform: str
    address: str
    deliver: Literal["ssh", "napalm", "render"]
    sha256: str | None = None
    state: GatewayState = "pending"
    at: Time | None = None
    why: str | None = None


class PlanAction(Document):
    """One thing that was done with a plan, with the number of its ledger entry."""

    entry: int
    at: Time
    by: str
    kind: str
    text: str = ""


class ApprovalDocument(Document):
    """A signature over the plan's hash. `holds` is False where the plan has changed since."""

    by: str
    deed: Literal["apply", "lift"] = Field(alias="for")
    at: Time
    key: str
    hash: str
    holds: bool = True


StageState = Literal["waiting", "told", "passed", "halted"]


class StageDocument(Document):
    """One stage: the gateways that are told together, and what was seen after. `steady` connections were to go
    on and are seen often enough to be missed, of which `broken` stopped; `unjudged` are seen too seldom for
    that. `escaped` counts what crossed at any stage told so far. None where it was not looked at yet."""

    number: int
    sites: tuple[str, ...]
    gateways: tuple[str, ...]
    state: StageState = "waiting"
    at: Time | None = None
    why: str | None = None
    escaped: int | None = None
    steady: int | None = None
    broken: int | None = None
    unjudged: int | None = None
    stopped: tuple[str, ...] = ()


class StagingDocument(Document):
    """How gateways are told one after the other. `soak` and `patience` are seconds; `accept_escaped` and
    `accept_broken` the counts above which no further stage is told."""

    soak: int
    patience: int
    accept_escaped: int
    accept_broken: int
    stages: tuple[StageDocument, ...] = ()


class PlanDocument(Document):
    """`sekisho contain plan --format json`.

    `hash` is over everything that the plan would do: the restriction, register, gateways.yaml, the other
    restrictions in force and the text for every gateway. It changes when any of them does.
    """

    schema_: Literal["sekisho.plan/1"] = Field(default="sekisho.plan/1", alias="schema")
    id: str
    hash: str
    state: PlanState
    at: Time
    by: str
    incident: str | None = None
    reason: str = ""
    sever: tuple[str, ...]
    direction: Direction = "both"
    keep_tier: Literal["essential"] | None = None
    allow: tuple[str, ...] = ()
    existing: Existing = "drop"
    existing_at: dict[str, Existing] = Field(default_factory=dict)
    overrides: tuple[str, ...] = ()
    policy_sha256: str
    inventory_sha256: str
    gateways_sha256: str
    with_plans: tuple[str, ...] = ()
    kept: tuple[KeptDocument, ...] = ()
    gateways: tuple[PlanGateway, ...] = ()
    staging: StagingDocument | None = None
    unenforceable: tuple[UnenforceableDocument, ...] = ()
    warnings: tuple[str, ...] = ()
    approvals: tuple[ApprovalDocument, ...] = ()
    history: tuple[PlanAction, ...] = ()


class PlansDocument(Document):
    """`sekisho contain list --format json`."""

    schema_: Literal["sekisho.plans/1"] = Field(default="sekisho.plans/1", alias="schema")
    plans: tuple[PlanDocument, ...] = ()
    notes: tuple[str, ...] = ()


class ExemptGateway(Document):
    """What became of an exemption at a gateway."""

    name: str
    state: GatewayState
    why: str | None = None


class SeenFlow(Document):
    """A connection of the last year that an exemption opens."""

    src: str
    dst: str
    service: str
    flows: int
    last_seen: Time


class ExemptionDocument(Document):
    """`sekisho contain exempt --format json`. A `draft` says what it `needs`: signatures over its `hash`."""

    schema_: Literal["sekisho.exemption/1"] = Field(default="sekisho.exemption/1", alias="schema")
    id: str | None = None
    state: Literal["draft", "open"]
    sentence: str
    until: Time
    reason: str
    hash: str | None = None
    plans: tuple[str, ...] = ()
    gateways: tuple[ExemptGateway, ...] = ()
    seen: tuple[SeenFlow, ...] = ()
    needs: str | None = None


class ExemptionsDocument(Document):
    """`sekisho contain exemptions --format json`: those that are open."""

    schema_: Literal["sekisho.exemptions/1"] = Field(default="sekisho.exemptions/1", alias="schema")
    exemptions: tuple[ExemptionDocument, ...] = ()
