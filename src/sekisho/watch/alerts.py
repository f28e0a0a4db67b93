"""What an alert says: the contract `sekisho.alert/1`.

An alert is one thing to look at, however many connections it covers. It keeps its id as long as that
thing lasts, and every time there is something new to say about it its `revision` goes up: (id, revision)
is one message, which a receiver may get twice and knows by `delivery`. Field names and their meanings
only grow within version 1. Times are aware UTC; sizes are IP-layer bytes, the sure end.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Literal

from pydantic import Field

from sekisho.model.findings import Check, Document, End, NearestRule, Time
from sekisho.model.verdicts import Severity, Verdict

TOLD = timedelta(days=40)
"""How long it is remembered what was told together with others."""
AlertKind = Literal["connection", "scanner", "behaviour", "register", "contain", "notify"]
"""A connection that should not be; a source that knocks on many doors; something new about a connection
that may be; a register that cannot be read, so that the one before it judges; containment that does not hold,
that somebody forced, or that was lifted where there is a new finding; a duty to notify that is due soon or
late, or whose deadline moved earlier."""

Change = Literal[
    "raised",
    "escalated",
    "grown",
    "amended",
    "withdrawn",
    "changed",
    "resumed",
    "returned",
    "cleared",
]
"""Why this revision was told.

`raised` the first; `escalated` an attempt was established, or it is more severe; `grown` more
connections; `amended` who opened a connection turned out to be the other end, or another host that a
translation stood for; `withdrawn` so it is no violation; `changed` it is not any more what somebody
acknowledged; `resumed` it went on past the end of a snooze or of a maintenance window; `returned` after a
long silence; `cleared` what was wrong is mended."""

AlertStatus = Literal["open", "acknowledged", "snoozed", "muted", "withdrawn", "cleared"]
"""`muted` is inside a maintenance window: kept and shown, not told."""

SHOWN_MEMBERS = 20
"""Connections that one message names; `connections` counts them all."""


class Member(Document):
    """One connection of an alert. `finding` is the id that the audit gives it.

    `initiator` is `provisional` where its records do not show who opened it: ports decided, and a later
    record may turn it round. `checks` say what else is to be known, as those of a finding.
    """

    finding: str
    verdict: Verdict
    severity: Severity
    src: End
    dst: End
    protocol: str
    port: int
    service: str
    first_seen: Time
    last_seen: Time
    flows: int
    established: int
    bytes_out: int
    bytes_in: int
    sensors: tuple[str, ...]
    initiator: Literal["stated", "provisional"] = "stated"
    nearest_rule: NearestRule | None = None
    checks: tuple[Check, ...] = Field(default=(), exclude_if=lambda v: not v)


class Muting(Document):
    """Why an alert is not told at the moment, on whose word and until when."""

    by: Literal["maintenance", "snooze", "acknowledgement"]
    who: str
    why: str
    until: Time | None = None
    maintenance: str | None = None


class Alert(Document):
    """One message. `members` are the worst connections, at most `SHOWN_MEMBERS` of `connections`.

    `late` is how many seconds after its end the last record came into the lake; `baseline` is what was
    usual, for what is unusual. `labels` have one value each and are there to route by: kind, verdict,
    src_site, dst_site, src, dst, service, rule, whichever all of its connections share; plan, incident.
    """

    schema_: Literal["sekisho.alert/1"] = Field(default="sekisho.alert/1", alias="schema")
    id: str
    revision: int
    delivery: str
    change: Change
    at: Time
    status: AlertStatus
    kind: AlertKind
    severity: Severity
    title: str
    text: str
    first_seen: Time | None
    last_seen: Time | None
    raised_at: Time
    flows: int = 0
    connections: int = 0
    established: int = 0
    members: tuple[Member, ...] = ()
    provisional: bool = False
    late: float | None = None
    baseline: str | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    muting: Muting | None = None


class AlertsDocument(Document):
    """`sekisho alert list` and `show`: alerts as they stand."""

    schema_: Literal["sekisho.alerts/1"] = Field(default="sekisho.alerts/1", alias="schema")
    alerts: tuple[Alert, ...]
    notes: tuple[str, ...] = ()


def alert_id(key: str) -> str:
    """A name for what an alert is about that is the same in every run: `A-` and 12 characters."""
    return f"A-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def delivery_id(alert: str, revision: int) -> str:
    """The name of one message: the same however often it is sent."""
    return f"{alert}-{revision}"
