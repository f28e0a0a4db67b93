"""The report of an audit, for a manager to read and an analyst to work in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sekisho.model.findings import AuditDocument, Cause
from sekisho.model.reconciliation import EXPLANATIONS
from sekisho.model.verdicts import FOUND, SEVERITIES, VERDICTS
from sekisho.reports.coverage import per_sensor
from sekisho.reports.headline import headline
from sekisho.reports.html.matrix import matrix
from sekisho.reports.html.page import render
from sekisho.reports.html.rows import Row, row
from sekisho.reports.html.timeline import timeline
from sekisho.reports.inventory import InventorySummary
from sekisho.reports.reconciliation import clock_text, differing, summary
from sekisho.reports.units import Times, count, lasting

CAUSE_EXAMPLES = 12
MARKS = {"unauthorized": "■", "lapsed": "◧", "attempted": "□", "unmapped": "◇", "authorized": "✓"}
"""A shape for each verdict, so that colour is never alone."""
MEANING = {
    "unauthorized": "established, and no rule allows it",
    "lapsed": "established, and its rule was not valid then",
    "attempted": "not allowed, and never established",
    "unmapped": "an end belongs to no site",
    "authorized": "a rule allowed it at the time",
    "intra_site": "within one site",
    "external": "with the internet, observed only",
}


@dataclass(frozen=True, slots=True)
class _CauseRows:
    cause: Cause
    rows: tuple[Row, ...]
    more: int


def render_audit(
    document: AuditDocument,
    *,
    title: str,
    now: datetime | None,
    inventory_summary: InventorySummary | None = None,
    times: Times | None = None,
) -> str:
    """One self-contained HTML file. `now` (aware UTC) is printed as the time of making."""
    times = times or Times()
    rows = tuple(row(finding, times) for finding in document.findings)
    window = document.window
    return render(
        "audit.html.j2",
        style="report.css",
        scripts={"early": "early.js", "js": "audit.js"},
        title=title,
        headline=headline(document, times),
        state=state_of(document),
        document=document,
        begin=times.minute(window.begin) if window.begin else "the beginning",
        end=times.minute(window.end) if window.end else "now",
        made=times.minute(now) if now else "",
        zone=times.label,
        totals=[
            (
                verdict,
                count(getattr(document.totals, verdict)),
                MARKS.get(verdict, ""),
                MEANING[verdict],
            )
            for verdict in sorted(VERDICTS, key=list(MEANING).index)
        ],
        connections=count(document.totals.connections),
        flows=count(document.totals.flows),
        matrix=matrix(document, inventory_summary),
        timeline=timeline(document, inventory_summary, times),
        causes=_causes(document, rows),
        rows=rows,
        marks=MARKS,
        meaning=MEANING,
        severities=[s for s in SEVERITIES if any(f.severity == s for f in document.findings)],
        verdicts=[v for v in VERDICTS if any(f.verdict == v for f in document.findings)],
        sites=sorted({site for r in rows for site in (r.src_site, r.dst_site)}),
        found=FOUND,
        both_ends=summary(document.reconciliation) if document.reconciliation else "",
        differing=differing(document.reconciliation),
        explanations=EXPLANATIONS,
        clocks=[
            (clock.sensor, clock_text(clock), count(clock.flows))
            for clock in (document.reconciliation.clocks if document.reconciliation else ())
        ],
        count=count,
        lasting=lasting,
        minute=times.minute,
    )


def state_of(document: AuditDocument) -> str:
    """`found`, `clear`, `partly` (nothing found, something unseen) or `blind` (nothing recorded)."""
    if document.findings:
        return "found"
    sensors = per_sensor(document.coverage, document.window)
    if not document.totals.flows and all(sensor.never for sensor in sensors):
        return "blind"
    return "partly" if not sensors or any(sensor.no_data for sensor in sensors) else "clear"


def _causes(document: AuditDocument, rows: tuple[Row, ...]) -> list[_CauseRows]:
    by_cause: dict[str, list[Row]] = {}
    for entry in rows:
        if entry.finding.cause is not None:
            by_cause.setdefault(entry.finding.cause, []).append(entry)
    return [
        _CauseRows(
            cause,
            tuple(by_cause.get(cause.id, ())[:CAUSE_EXAMPLES]),
            max(0, len(by_cause.get(cause.id, ())) - CAUSE_EXAMPLES),
        )
        for cause in document.causes
    ]
