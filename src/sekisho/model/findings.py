"""What an audit says, as documents: the contract `sekisho.audit/1`.

Field names and their meanings are relied on outside; within version 1 they only grow. Times are aware
UTC; sizes are IP-layer bytes; addresses are text.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, PlainSerializer, WithJsonSchema

from sekisho.model.documents import Document as Document
from sekisho.model.reconciliation import Reconciliation
from sekisho.model.verdicts import (
    CoverageState,
    FindingKind,
    OnsetKind,
    SeenAt,
    Severity,
    Verdict,
)


def rfc3339(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds, as every contract writes time."""
    return f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


Time = Annotated[
    datetime,
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Realm = Annotated[str | None, Field(exclude_if=lambda realm: not realm)]
"""An address space by its name; left out of a document where it is the default one, which has none."""


class Span(Document):
    """From `begin` until `end`."""

    begin: Time | None = Field(alias="from")
    end: Time | None = Field(alias="to")


class Bytes(Document):
    """A range that holds the true count; `why` says what widened it past 1.6 times."""

    low: int
    high: int
    why: str | None = None


class End(Document):
    """One end of a connection. `realm` is left out in the default realm."""

    address: str
    realm: Realm = None
    asset: str | None = None
    site: str | None = None
    country: str | None = None
    groups: tuple[str, ...] = ()
    criticality: str | None = None


class Onset(Document):
    """When it began: seen to begin, or on or before the time that evidence starts."""

    at: Time
    kind: OnsetKind
    why: str | None = None


class NearestRule(Document):
    """The rule that came closest, and the one thing that kept it from permitting the connection."""

    id: str
    why_not: str


class Check(Document):
    """A further observation that explains itself, and moved the severity or did not."""

    id: str
    text: str


class Beacon(Document):
    """How much its contacts look like a program that calls home: RITA 5's score of a period, 0 to 1.

    `score` is the mean of how alike gaps (`timestamps`) and sizes are, how long it went on without a break
    (`duration`) and how flat it lies over 24 parts (`histogram`); `band` what that weighs, 0 to 0.8.
    `interval_seconds` and `size_bytes` are medians. `regular`: it keeps a beat for long enough to say so.
    """

    score: float
    band: float
    timestamps: float
    sizes: float
    duration: float
    histogram: float
    contacts: int
    interval_seconds: float
    size_bytes: int
    begin: Time = Field(alias="from")
    end: Time = Field(alias="to")
    regular: bool
    text: str


class Long(Document):
    """How long it was open on the UTC day on which that was most, sessions summed; `band` as in Beacon."""

    seconds: int
    longest_seconds: int
    day: Time
    band: float
    text: str


class Strobe(Document):
    """So many contacts on a UTC day that it is one a second and more."""

    contacts: int
    day: Time
    text: str


class Prevalence(Document):
    """How many of the company's hosts that were seen talked with the same peer."""

    hosts: int
    of: int
    share: float
    rare: bool
    common: bool
    text: str


class PairFirstSeen(Document):
    """When these two hosts, whatever the service and the direction, were first seen together."""

    at: Time
    kind: OnsetKind
    text: str


class Automation(Document):
    """Signs that a program keeps a connection; each explains itself in `text`.

    None where there was too little to say, or raw flows are gone. `strong`: they make it remarkable.
    """

    beacon: Beacon | None = None
    long: Long | None = None
    strobe: Strobe | None = None
    prevalence: Prevalence
    pair_first_seen: PairFirstSeen
    strong: bool = False


class Lacking(Document):
    """Flows that one end of the connection has no record of, although the other has, and nothing explains it.

    `site` is the end that lacks them, `sensors` those at its edge, `recorded_at` the site of the other end.
    `days` are the UTC days of which it lacks some; on `whole` days it has nothing of the connection at all.
    """

    site: str
    sensors: tuple[str, ...]
    recorded_at: str
    flows: int
    days: tuple[date, ...]
    whole: bool


class Life(Document):
    """What people decided about a finding; `open` where nobody did."""

    status: Literal["open", "accepted", "false_positive", "closed"] = "open"
    who: str | None = None
    why: str | None = None
    until: Time | None = None
    at: Time | None = None
    assignee: str | None = None
    reopened: str | None = None


class Finding(Document):
    """A connection that should not be, or of which something else is remarkable, with its evidence.

    `kind` is `verdict` where the verdict makes it a finding, else what does; `also` is what else is said
    of it. Where `kind` is not `verdict`, measures are of all of the connection's flows in the window.
    `incidents` are those that took it in.
    """

    id: str
    kind: FindingKind = "verdict"
    also: tuple[FindingKind, ...] = ()
    verdict: Verdict
    severity: Severity
    src: End
    dst: End
    protocol: str
    port: int
    service: str
    first_seen: Time
    last_seen: Time
    days_active: int
    flows: int
    established: int
    bytes_out: Bytes
    bytes_in: Bytes
    payload_out: int | None = None
    payload_in: int | None = None
    opaque: str | None = None
    onset: Onset
    sensors: tuple[str, ...]
    seen_at: SeenAt
    nearest_rule: NearestRule | None
    checks: tuple[Check, ...] = ()
    automation: Automation | None = None
    lacking: Lacking | None = Field(default=None, exclude_if=lambda v: v is None)
    cause: str | None = None
    life: Life = Life()
    incidents: tuple[str, ...] = Field(default=(), exclude_if=lambda v: not v)


class CoverageItem(Document):
    """Merged hours in which one sensor was in one state.

    `lost` is what was sent and did not come, by the exporter's sequence numbers and in their unit
    (records; datagrams of NetFlow v9 and sFlow).
    """

    sensor: str
    begin: Time = Field(alias="from")
    end: Time = Field(alias="to")
    state: CoverageState
    flows: int = 0
    lost: int = 0
    why: str | None = None


class Totals(Document):
    """Flows, and connections by verdict; the verdicts sum to `connections`."""

    flows: int
    connections: int
    authorized: int
    unauthorized: int
    lapsed: int
    attempted: int
    intra_site: int
    external: int
    unmapped: int


class PolicyVersion(Document):
    """Which policy judged."""

    sha256: str
    rules: int


CauseKind = Literal[
    "scanner", "migration", "lapsed_rule", "missing_rule", "missing_prefix", "missing_records"
]
"""What can explain several findings at once."""


class Cause(Document):
    """Findings that one thing explains: one missing rule, one scanner, one path that a sensor does not see."""

    id: str
    kind: CauseKind
    text: str
    findings: int
    severity: Severity


class Opaque(Document):
    """Tunnels from one site to another, in which nobody can look. `guess` where only a port says so.

    `counted` is whether their volume is part of the link's: it is not where flows between the same two sites
    were seen too, since these are what the tunnels carried.
    """

    kind: str
    guess: bool
    connections: int
    flows: int
    bytes_out: Bytes
    bytes_in: Bytes
    counted: bool


class Link(Document):
    """All connections from one site to another; `site` is None for what belongs to no site."""

    src_site: str | None
    dst_site: str | None
    connections: int
    authorized: int
    unauthorized: int
    lapsed: int
    attempted: int
    intra_site: int
    external: int
    unmapped: int
    flows: int
    bytes_out: Bytes
    bytes_in: Bytes
    opaque: tuple[Opaque, ...] = ()


class AuditDocument(Document):
    """`sekisho audit --format json`."""

    schema_: Literal["sekisho.audit/1"] = Field(default="sekisho.audit/1", alias="schema")
    window: Span
    policy: PolicyVersion
    inventory: str | None = None
    totals: Totals
    findings: tuple[Finding, ...]
    causes: tuple[Cause, ...] = ()
    links: tuple[Link, ...] = ()
    coverage: tuple[CoverageItem, ...]
    reconciliation: Reconciliation | None = None
    notes: tuple[str, ...] = ()


def finding_id(
    src: str, dst: str, protocol: str, port: int, src_realm: str = "", dst_realm: str = ""
) -> str:
    """A name for a connection that is the same in every run: `F-` and 12 characters.

    Made from (realm, address) of both ends, protocol and port, so that the same connection keeps its
    id whatever else changes. Addresses must be in canonical text.
    """
    text = "\x1f".join((src_realm, src, dst_realm, dst, protocol, str(port)))
    return f"F-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
