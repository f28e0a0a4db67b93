"""How serious a finding is: points that anybody can add up.

Every check in `registry.CHECKS` may add or take points and says why; the sum falls into a band. What
was never answered stays at `low` whatever it aimed at, since nothing was exchanged.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from sekisho.audit.base import Factor, SeverityCheck, Subject
from sekisho.audit.registry import CHECKS
from sekisho.model.findings import Check
from sekisho.model.verdicts import SEVERITIES, Severity

BANDS: tuple[tuple[int, Severity], ...] = ((80, "critical"), (60, "high"), (40, "medium"), (20, "low"))
"""From how many points on; fewer is `info`."""
UNANSWERED: Severity = "low"
"""The most that a connection can be that was never established."""


def grade(
    subject: Subject, checks: Iterable[SeverityCheck] = CHECKS
) -> tuple[Severity, tuple[Check, ...]]:
    """The severity of a finding, and each factor that moved it as a check with its points."""
    points = 0
    reasons: list[Check] = []
    for check in checks:
        factor = check.weigh(subject)
        if factor is not None:
            points += factor.points
            reasons.append(_reason(check.id, factor))
    severity = band(points)
    if not subject.established and SEVERITIES.index(severity) < SEVERITIES.index(UNANSWERED):
        reasons.append(
            Check(id="unanswered", text=f"{severity} by points; never answered, so {UNANSWERED}")
        )
        severity = UNANSWERED
    return severity, tuple(reasons)


@lru_cache(maxsize=1024)
def _reason(check: str, factor: Factor) -> Check:
    """Most findings are given the same few reasons."""
    return Check(id=check, text=f"{factor.text} ({factor.points:+d})")


def band(points: int) -> Severity:
    """The severity that a sum of points means."""
    for least, severity in BANDS:
        if points >= least:
            return severity
    return "info"
