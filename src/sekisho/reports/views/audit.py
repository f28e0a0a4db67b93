"""An audit: the sentence, the totals, the causes, the findings, and what was not seen."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from sekisho.model.findings import AuditDocument
from sekisho.model.verdicts import VERDICTS
from sekisho.reports.base import Column, Options, Sheet
from sekisho.reports.headline import headline
from sekisho.reports.screen import SEVERITY, VERDICT, Screen
from sekisho.reports.units import Times, count, counted
from sekisho.reports.view import View, line
from sekisho.reports.views.coverage import coverage_sheet, show_coverage
from sekisho.reports.views.findings import brief_sheet, findings_sheet, show_findings
from sekisho.reports.views.reconciliation import clocks_sheet, pairs_sheet, show_reconciliation
from sekisho.reports.wording import tunnel_text


class AuditView(View[AuditDocument]):
    """`sekisho audit`."""

    name = "audit"

    def headline(self, document: AuditDocument, times: Times) -> str:
        """What was found, since when, what could not be seen."""
        return headline(document, times)

    def sheets(self, document: AuditDocument) -> tuple[Sheet, ...]:
        """Findings, causes, links, both ends, clocks, coverage."""
        return (
            brief_sheet(document.findings),
            causes_sheet(document),
            links_sheet(document),
            pairs_sheet(document.reconciliation),
            clocks_sheet(document.reconciliation),
            coverage_sheet(document.coverage),
        )

    def table(self, document: AuditDocument) -> Sheet:
        """The findings with every field."""
        return findings_sheet(document.findings)

    def notes(self, document: AuditDocument) -> tuple[str, ...]:
        """The audit's own."""
        return document.notes

    def lines(self, document: AuditDocument) -> Iterable[str]:
        """The audit without its lists, then each finding, cause, link, coverage item, pair of ends and clock.

        An audit without findings is still a line, so that it cannot be taken for no audit.
        """
        lists = ("findings", "causes", "links", "coverage")
        yield line("audit", document, exclude={*lists, "reconciliation"})
        for name, record in zip(lists, ("finding", "cause", "link", "coverage"), strict=True):
            for item in getattr(document, name):
                yield line(record, item)
        if document.reconciliation is not None:
            for pair in document.reconciliation.pairs:
                yield line("reconciliation", pair)
            for clock in document.reconciliation.clocks:
                yield line("clock", clock)

    def show(self, document: AuditDocument, screen: Screen) -> None:
        """Everything a person needs to decide what to look at next."""
        screen.headline(self.headline(document, screen.times))
        screen.line(screen.text(context_line(document, screen.times), "dim"))
        screen.line()
        show_totals(document, screen)
        if len(document.causes) < len(document.findings):
            show_causes(document, screen)
        if document.findings:
            screen.line()
            show_findings(document.findings, screen)
        screen.line()
        screen.line(screen.text("Coverage", "bold"))
        show_coverage(document.coverage, document.window, screen)
        show_reconciliation(document.reconciliation, screen)
        if document.notes:
            screen.line()
            screen.notes(document.notes)

    def page(self, document: AuditDocument, options: Options) -> str:
        """The report for managers and analysts."""
        from sekisho.reports.html.audit import render_audit

        return render_audit(
            document,
            title=options.titled("Audit of connections between sites"),
            now=options.now,
            inventory_summary=options.inventory_summary,
            times=options.times,
        )


def context_line(document: AuditDocument, times: Times) -> str:
    """The period and the policy that judged it."""
    window = document.window
    begin, end = times.minute(window.begin), times.minute(window.end)
    period = f"{begin} to {end} {times.label}" if window.begin or window.end else "No evidence at all"
    rules = counted(document.policy.rules, "rule")
    return f"{period}, judged by {rules} (policy {document.policy.sha256[:12]})"


def show_totals(document: AuditDocument, screen: Screen) -> None:
    """Connections by verdict; they add up."""
    totals = document.totals
    line = Text()
    for verdict in ("unauthorized", "lapsed", "attempted", "unmapped", "authorized"):
        _append(line, screen, verdict, getattr(totals, verdict))
    line.append("\n")
    for verdict in ("intra_site", "external"):
        _append(line, screen, verdict, getattr(totals, verdict))
    line.append_text(
        screen.text(
            f"in {counted(totals.connections, 'connection')}, {counted(totals.flows, 'flow')}", "dim"
        )
    )
    screen.console.print(line)


def show_causes(document: AuditDocument, screen: Screen) -> None:
    """Findings that one thing explains, one line each."""
    if not document.causes:
        return
    limit = screen.options.limit
    shown = document.causes if limit is None else document.causes[:limit]
    table = screen.table("Causes")
    table.add_column("Severity", no_wrap=True)
    table.add_column("Findings", justify="right", no_wrap=True)
    table.add_column("What explains them", overflow="fold")
    for cause in shown:
        table.add_row(
            screen.text(cause.severity, SEVERITY.get(cause.severity, "")),
            screen.text(count(cause.findings)),
            screen.text(cause.text),
        )
    screen.line()
    screen.console.print(table)
    screen.more(len(document.causes) - len(shown))


def causes_sheet(document: AuditDocument) -> Sheet:
    """All causes."""
    columns = (
        Column("severity", "Severity", "severity"),
        Column("findings", "Findings", "count"),
        Column("kind", "Kind"),
        Column("text", "What explains them"),
        Column("id", "Id", "code"),
    )
    rows = [(c.severity, c.findings, c.kind, c.text, c.id) for c in document.causes]
    return Sheet("cause", "Causes", columns, rows, "No causes.")


def links_sheet(document: AuditDocument) -> Sheet:
    """Connections from site to site, by verdict."""
    columns = (
        Column("src_site", "From"),
        Column("dst_site", "To"),
        Column("connections", "Connections", "count"),
        *(Column(verdict, verdict.replace("_", " "), "count") for verdict in VERDICTS),
        Column("flows", "Flows", "count"),
        Column("bytes_out_low", "Out", "bytes"),
        Column("bytes_in_low", "In", "bytes"),
        Column("opaque", "Tunnels"),
    )
    rows = [
        (
            link.src_site,
            link.dst_site,
            link.connections,
            *(getattr(link, verdict) for verdict in VERDICTS),
            link.flows,
            link.bytes_out.low,
            link.bytes_in.low,
            "; ".join(tunnel_text(one) for one in link.opaque),
        )
        for link in document.links
    ]
    return Sheet("link", "Site to site", columns, rows, "No connections between sites.")


def _append(line: Text, screen: Screen, verdict: str, number: int) -> None:
    style = VERDICT.get(verdict, "") if number else "dim"
    line.append_text(screen.text(f"{count(number)} {verdict.replace('_', ' ')}", style))
    line.append("   ")
