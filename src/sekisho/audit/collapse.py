"""Findings that one thing explains become one row that opens, and no finding is in two of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sekisho.audit.base import CauseFinder, Neighbour
from sekisho.audit.causes.lapsed_rule import LapsedRuleCause
from sekisho.audit.causes.migration import MigrationCause
from sekisho.audit.causes.missing_prefix import MissingPrefixCause
from sekisho.audit.causes.missing_records import MissingRecordsCause
from sekisho.audit.causes.missing_rule import MissingRuleCause
from sekisho.audit.causes.scanner import ScannerCause
from sekisho.model.findings import Cause, Finding
from sekisho.model.verdicts import SEVERITIES

CAUSES: tuple[CauseFinder, ...] = (
    ScannerCause(),
    MigrationCause(),
    LapsedRuleCause(),
    MissingRuleCause(),
    MissingPrefixCause(),
    MissingRecordsCause(),
)
"""In the order in which they may claim findings: the most telling explanation first."""


def collapse(
    findings: Sequence[Finding], neighbours: Sequence[Neighbour] = ()
) -> tuple[tuple[Finding, ...], tuple[Cause, ...]]:
    """The findings, in their order, each with the id of its cause; and the causes, worst first.

    A cause explains verdicts, or what one end has no records of; what is a finding for another reason stays
    a row of its own. It has the worst severity of its findings. Ids do not depend on the order of the findings.
    """
    cause_of: dict[str, str] = {}
    apart: set[str] = set()
    causes: list[Cause] = []
    severity = {f.id: f.severity for f in findings}
    for finder in CAUSES:
        free = [
            f for f in findings if f.kind == finder.of and f.id not in cause_of and f.id not in apart
        ]
        claims = finder.claim(free, neighbours)
        apart |= claims.apart
        for claim in claims.claims:
            digest = hashlib.sha256(f"{finder.kind}|{claim.key}".encode()).hexdigest()[:12]
            cause = Cause(
                id=f"C-{digest}",
                kind=finder.kind,
                text=claim.text,
                findings=len(claim.members),
                severity=min((severity[m] for m in claim.members), key=SEVERITIES.index),
            )
            causes.append(cause)
            cause_of.update(dict.fromkeys(claim.members, cause.id))
    causes.sort(key=lambda c: (SEVERITIES.index(c.severity), -c.findings, c.id))
    named = tuple(
        f.model_copy(update={"cause": cause_of[f.id]}) if f.id in cause_of else f for f in findings
    )
    return named, tuple(causes)
