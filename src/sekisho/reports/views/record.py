"""An audit as it is kept for an auditor."""

from __future__ import annotations

from sekisho.audit.record import AuditRecord
from sekisho.model.verdicts import SEVERITIES, VERDICTS
from sekisho.reports.base import Column, Sheet
from sekisho.reports.screen import Screen
from sekisho.reports.units import Times, count, counted
from sekisho.reports.view import View
from sekisho.reports.views.findings import brief_sheet, findings_sheet, show_findings


class RecordView(View[AuditRecord]):
    """`sekisho audit record` and `show`."""

    name = "record"

    def headline(self, document: AuditRecord, times: Times) -> str:
        """Which record, of which period, by whom, with what result."""
        period, result = document.period, document.result
        return (
            f"Record {document.name}: {times.minute(period.begin)} to {times.minute(period.end)} "
            f"{times.label}, {counted(result.findings, 'finding')}, {count(result.open)} of them open; "
            f"made by {document.by} on {times.minute(document.at)}."
        )

    def sheets(self, document: AuditRecord) -> tuple[Sheet, ...]:
        """What was judged, by what, how completely, with what exceptions and result."""
        return (
            facts_sheet(document),
            result_sheet(document),
            coverage_sheet(document),
            exceptions_sheet(document),
            brief_sheet(document.findings),
        )

    def table(self, document: AuditRecord) -> Sheet:
        """The findings with every field."""
        return findings_sheet(document.findings)

    def notes(self, document: AuditRecord) -> tuple[str, ...]:
        """Those of the audit."""
        return document.notes

    def show(self, document: AuditRecord, screen: Screen) -> None:
        """Everything, the findings as `audit` shows them."""
        screen.headline(self.headline(document, screen.times))
        for sheet in self.sheets(document)[:-1]:
            screen.sheet(sheet)
        screen.line()
        show_findings(document.findings, screen)
        screen.notes(document.notes)


def facts_sheet(record: AuditRecord) -> Sheet:
    """Population and versions, which a later audit can be held against."""
    population = record.population
    rows = (
        ("sites", f"{count(len(population.sites))}: {', '.join(population.sites)}"),
        ("sensors", f"{count(len(population.sensors))}: {', '.join(population.sensors)}"),
        ("connections", count(population.connections)),
        ("flows", count(population.flows)),
        ("policy", f"{counted(record.policy.rules, 'rule')}, sha256 {record.policy.sha256}"),
        ("inventory", f"sha256 {record.inventory}" if record.inventory else "not recorded"),
    )
    return Sheet("fact", "What was judged", (Column("what", "What"), Column("value", "Value")), rows)


def result_sheet(record: AuditRecord) -> Sheet:
    """Connections by verdict, findings by severity."""
    columns = (Column("kind", "By"), Column("name", "Name"), Column("count", "Number", "count"))
    rows = [("verdict", v.replace("_", " "), getattr(record.result.totals, v)) for v in VERDICTS]
    rows += [("severity", s, record.result.severities.get(s, 0)) for s in SEVERITIES]
    return Sheet("result", "Result", columns, rows)


def coverage_sheet(record: AuditRecord) -> Sheet:
    """Hours by sensor and state."""
    columns = (
        Column("sensor", "Sensor"),
        Column("seen", "Seen, h", "count"),
        Column("quiet", "Quiet, h", "count"),
        Column("no_data", "No data, h", "count"),
    )
    rows = [(c.sensor, c.seen, c.quiet, c.no_data) for c in record.coverage]
    return Sheet("coverage", "Coverage", columns, rows, "Nothing was recorded by any sensor.")


def exceptions_sheet(record: AuditRecord) -> Sheet:
    """What somebody accepted or closed, and on whose word."""
    columns = (
        Column("finding", "Finding", "code"),
        Column("status", "Status"),
        Column("who", "By"),
        Column("why", "Reason"),
        Column("until", "Until", "time"),
    )
    rows = [(e.finding, e.status.replace("_", " "), e.who, e.why, e.until) for e in record.exceptions]
    return Sheet("exception", "Exceptions", columns, rows, "No finding was accepted or closed.")
