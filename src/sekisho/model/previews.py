"""What a plan of containment would cut of what was seen, as a document.

Field names and their meanings are relied on outside; within version 1 they only grow. Times are aware
UTC; sizes are IP-layer bytes; addresses are text.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sekisho.model.findings import Bytes, Document, End, Span, Time
from sekisho.model.verdicts import Severity, Verdict


class CutConnection(Document):
    """A connection that would end. `verdict` and `rule` are what the register says of it now; `owner` is the
    rule's. Flows, days and bytes are those of the longer window; `seldom`: not seen in the shorter one."""

    src: End
    dst: End
    protocol: str
    port: int
    service: str
    verdict: Verdict
    rule: str | None = None
    owner: str | None = None
    tier: str | None = None
    flows: int
    days_active: int
    bytes_out: Bytes
    bytes_in: Bytes
    first_seen: Time
    last_seen: Time
    seldom: bool = False
    gateways: tuple[str, ...] = ()


class StoppedFinding(Document):
    """A finding whose connection would end."""

    id: str
    verdict: Verdict
    severity: Severity
    src: str
    dst: str
    service: str
    gateways: tuple[str, ...] = ()


class UnstoppedPair(Document):
    """Two places between which nothing stops what is severed, with the connections seen between them, and
    the findings among these."""

    begin: str = Field(alias="from")
    end: str = Field(alias="to")
    why: str
    connections: tuple[CutConnection, ...] = ()
    findings: tuple[str, ...] = ()


class RuleShare(Document):
    """What one rule loses. `rule` is None for connections that no rule allows, and those that need none."""

    rule: str | None
    owner: str | None
    tier: str | None
    verdict: Verdict
    connections: int
    flows: int
    bytes: Bytes
    critical: int = Field(description="Connections with an end of high or critical criticality")


class PreviewStage(Document):
    """A stage as it would be told. `goes_on` counts connections of the shorter window that pass its gateways
    and stay open; where more than were accepted stop after it, no other stage follows."""

    number: int
    sites: tuple[str, ...]
    gateways: tuple[str, ...]
    goes_on: int | None = None


class PreviewStaging(Document):
    """The limits under which a plan goes from site to site; `soak` and `patience` are seconds."""

    soak: int
    patience: int
    accept_escaped: int
    accept_broken: int
    stages: tuple[PreviewStage, ...] = ()


class PreviewDocument(Document):
    """`sekisho contain preview PLAN --format json`.

    `window` is the time that is looked at closely, `year` the longer one that shows what runs seldom.
    """

    schema_: Literal["sekisho.preview/1"] = Field(default="sekisho.preview/1", alias="schema")
    plan: str
    hash: str
    window: Span
    year: Span
    cut: tuple[CutConnection, ...] = ()
    stopped_findings: tuple[StoppedFinding, ...] = ()
    unenforceable: tuple[UnstoppedPair, ...] = ()
    by_rule: tuple[RuleShare, ...] = ()
    staging: PreviewStaging | None = None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
