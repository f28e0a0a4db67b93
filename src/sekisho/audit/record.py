"""An audit as it is kept for an auditor: what was judged, by what, how completely, with what result."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from sekisho.model.findings import (
    AuditDocument,
    CoverageItem,
    Document,
    Finding,
    PolicyVersion,
    Span,
    Time,
    Totals,
)
from sekisho.model.verdicts import SEVERITIES, Severity


class Population(Document):
    """What the audit could have found something in."""

    sites: tuple[str, ...]
    sensors: tuple[str, ...]
    connections: int
    flows: int


class SensorCoverage(Document):
    """Hours of one sensor by state; parts of hours at the window's edges count as such."""

    sensor: str
    seen: float
    quiet: float
    no_data: float


class Exemption(Document):
    """A finding that somebody accepted or closed, and on whose word."""

    finding: str
    status: Literal["accepted", "false_positive", "closed"]
    who: str | None
    why: str | None
    until: Time | None


class Result(Document):
    """How many findings, of which severity, and how many of them nobody has answered for."""

    totals: Totals
    severities: dict[Severity, int]
    findings: int
    open: int


class AuditRecord(Document):
    """`sekisho audit record NAME`."""

    schema_: Literal["sekisho.audit-record/1"] = Field(default="sekisho.audit-record/1", alias="schema")
    name: str
    by: str
    at: Time
    period: Span
    population: Population
    policy: PolicyVersion
    inventory: str | None
    coverage: tuple[SensorCoverage, ...]
    exceptions: tuple[Exemption, ...]
    result: Result
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()


def make_record(
    audit: AuditDocument,
    *,
    name: str,
    by: str,
    at: datetime,
    sites: Iterable[str],
    sensors: Iterable[str],
) -> AuditRecord:
    """The record of an audit. `at` (aware UTC) is when it is made, `by` who makes it."""
    open_findings = sum(f.life.status == "open" for f in audit.findings)
    return AuditRecord(
        name=name,
        by=by,
        at=at,
        period=audit.window,
        population=Population(
            sites=tuple(sorted(sites)),
            sensors=tuple(sorted(sensors)),
            connections=audit.totals.connections,
            flows=audit.totals.flows,
        ),
        policy=audit.policy,
        inventory=audit.inventory,
        coverage=coverage_summary(audit.coverage),
        exceptions=tuple(
            Exemption(
                finding=f.id, status=f.life.status, who=f.life.who, why=f.life.why, until=f.life.until
            )
            for f in audit.findings
            if f.life.status != "open"
        ),
        result=Result(
            totals=audit.totals,
            severities={s: sum(f.severity == s for f in audit.findings) for s in SEVERITIES},
            findings=len(audit.findings),
            open=open_findings,
        ),
        findings=audit.findings,
        notes=audit.notes,
    )


def coverage_summary(items: Iterable[CoverageItem]) -> tuple[SensorCoverage, ...]:
    """Hours by sensor and state, sensors in order."""
    hours: dict[str, dict[str, float]] = {}
    for item in items:
        states = hours.setdefault(item.sensor, {"seen": 0.0, "quiet": 0.0, "no_data": 0.0})
        states[item.state] += (item.end - item.begin) / timedelta(hours=1)
    return tuple(SensorCoverage(sensor=name, **hours[name]) for name in sorted(hours))
