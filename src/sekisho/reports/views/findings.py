"""Findings: a table to scan, and every field for CSV and JSON lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text

from sekisho.model.findings import End, Finding
from sekisho.reports.base import Cell, Column, Sheet
from sekisho.reports.documents import FindingsDocument
from sekisho.reports.headline import found_clause, since_clause
from sekisho.reports.screen import SEVERITY, VERDICT, Screen
from sekisho.reports.units import Times, count, size_range
from sekisho.reports.view import View, line
from sekisho.reports.wording import automation_brief, end_text, kinds, service_text

_END = ("realm", "address", "asset", "site", "country", "groups")
COLUMNS = (
    Column("id", "Id", "code"),
    Column("kind", "Kind"),
    Column("also", "Also"),
    Column("verdict", "Verdict", "verdict"),
    Column("severity", "Severity", "severity"),
    *(Column(f"{end}_{key}", f"{end} {key}") for end in ("src", "dst") for key in _END),
    Column("protocol", "Protocol"),
    Column("port", "Port", "count"),
    Column("service", "Service"),
    Column("first_seen", "First seen", "time"),
    Column("last_seen", "Last seen", "time"),
    Column("onset_at", "Onset", "time"),
    Column("onset_kind", "Onset kind"),
    Column("days_active", "Days", "count"),
    Column("flows", "Flows", "count"),
    Column("established", "Established", "count"),
    Column("bytes_out_low", "Out, low", "bytes"),
    Column("bytes_out_high", "Out, high", "bytes"),
    Column("bytes_in_low", "In, low", "bytes"),
    Column("bytes_in_high", "In, high", "bytes"),
    Column("sensors", "Sensors"),
    Column("seen_at", "Seen at"),
    Column("nearest_rule", "Nearest rule"),
    Column("why_not", "Why not"),
    Column("checks", "Checks"),
    Column("beacon_score", "Beacon score", "count"),
    Column("beacon_seconds", "Beat, seconds", "count"),
    Column("long_seconds", "Open a day, seconds", "count"),
    Column("strobe_contacts", "Strobe, contacts a day", "count"),
    Column("prevalence_hosts", "Hosts that talk to the peer", "count"),
    Column("prevalence_of", "Hosts in all", "count"),
    Column("pair_first_seen", "Pair first seen", "time"),
    Column("cause", "Cause"),
    Column("status", "Status"),
    Column("assignee", "Assignee"),
    Column("who", "Decided by"),
    Column("why", "Reason"),
    Column("until", "Until", "time"),
    Column("incidents", "Incidents"),
)


def findings_sheet(findings: Iterable[Finding]) -> Sheet:
    """Every field of every finding, flat."""
    rows = [_row(finding) for finding in findings]
    return Sheet("finding", "Findings", COLUMNS, rows, "No findings.")


def brief_sheet(findings: Iterable[Finding], title: str = "Findings") -> Sheet:
    """What a person needs to recognise a finding."""
    findings = tuple(findings)
    # Where verdicts are all that there is, the column would say nothing.
    marked = any(kinds(finding) for finding in findings)
    columns = (
        Column("severity", "Severity", "severity"),
        Column("verdict", "Verdict", "verdict"),
        *((Column("kind", "Kind"),) if marked else ()),
        Column("src", "From"),
        Column("dst", "To"),
        Column("service", "Service"),
        Column("since", "Since", "time"),
        Column("onset", "Onset"),
        Column("last_seen", "Last seen", "time"),
        Column("flows", "Flows", "count"),
        Column("out", "Out"),
        Column("in", "In"),
        Column("status", "Status"),
        Column("id", "Id", "code"),
    )
    rows = [
        (
            f.severity,
            f.verdict,
            *((", ".join(kinds(f)),) if marked else ()),
            end_text(f.src, "no site"),
            end_text(f.dst, "no site"),
            service_text(f),
            f.onset.at,
            "observed" if f.onset.kind == "observed" else "or before",
            f.last_seen,
            f.flows,
            size_range(f.bytes_out),
            size_range(f.bytes_in),
            f.life.status.replace("_", " "),
            f.id,
        )
        for f in findings
    ]
    return Sheet("finding", title, columns, rows, "None.")


def show_findings(findings: Sequence[Finding], screen: Screen) -> None:
    """The table people scan: what, who, since when, how much; three lines a finding in 80 columns."""
    limit = screen.options.limit
    shown = findings if limit is None else findings[:limit]
    if not findings:
        screen.line("No findings.")
        return
    table = screen.table()
    table.show_lines = False
    table.add_column("Finding", min_width=14, no_wrap=True)
    table.add_column("From, to", ratio=1, overflow="fold")
    table.add_column(screen.text(f"Since ({screen.times.label})"), min_width=16, no_wrap=True)
    table.add_column("Out, in", justify="right", no_wrap=True)
    table.expand = True
    for finding in shown:
        table.add_row(
            _what(finding, screen),
            _who(finding, screen),
            _since(finding, screen),
            _volume(finding, screen),
        )
    screen.console.print(table)
    screen.more(len(findings) - len(shown))


class FindingsView(View[FindingsDocument]):
    """A list of findings."""

    name = "findings"

    def headline(self, document: FindingsDocument, times: Times) -> str:
        """What they are and since when."""
        if not document.findings:
            return "No findings."
        return f"{found_clause(document.findings)}; {since_clause(document.findings, times)}."

    def sheets(self, document: FindingsDocument) -> tuple[Sheet, ...]:
        """One sheet."""
        return (brief_sheet(document.findings),)

    def table(self, document: FindingsDocument) -> Sheet:
        """Every field."""
        return findings_sheet(document.findings)

    def lines(self, document: FindingsDocument) -> Iterable[str]:
        """The findings as in the contract."""
        return (line("finding", finding) for finding in document.findings)

    def notes(self, document: FindingsDocument) -> tuple[str, ...]:
        """What was not seen."""
        return document.notes

    def show(self, document: FindingsDocument, screen: Screen) -> None:
        """The headline and the table."""
        screen.headline(self.headline(document, screen.times))
        if document.findings:
            screen.line()
            show_findings(document.findings, screen)
        if document.notes:
            screen.line()
            screen.notes(document.notes)


def _what(finding: Finding, screen: Screen) -> Text:
    text = screen.text(finding.severity, SEVERITY.get(finding.severity, ""))
    text.append("\n")
    text.append_text(screen.text(finding.verdict.replace("_", " "), VERDICT.get(finding.verdict, "")))
    text.append("\n")
    text.append_text(screen.text(finding.id))
    for kind in kinds(finding):
        text.append("\n")
        text.append_text(screen.text(kind, "dim"))
    for incident in finding.incidents:
        text.append("\n")
        text.append_text(screen.text(incident, "bold"))
    if finding.life.status != "open":
        text.append("\n")
        text.append_text(screen.text(finding.life.status.replace("_", " "), "dim"))
    return text


def _who(finding: Finding, screen: Screen) -> Text:
    text = screen.text(end_text(finding.src, "no site"))
    text.append("\n")
    text.append_text(screen.text(f"{screen.glyphs.arrow} {end_text(finding.dst, 'no site')}"))
    text.append("\n")
    established = f"{count(finding.established)}/{count(finding.flows)} established"
    text.append_text(screen.text(f"{service_text(finding)}, {established}", "dim"))
    if brief := automation_brief(finding):
        text.append("\n")
        text.append_text(screen.text(brief, "dim"))
    return text


def _since(finding: Finding, screen: Screen) -> Text:
    text = screen.text(screen.times.minute(finding.onset.at))
    text.append("\n")
    observed = finding.onset.kind == "observed"
    text.append_text(
        screen.text("observed" if observed else "or before", "dim" if observed else "yellow")
    )
    text.append("\n")
    text.append_text(screen.text(f"last {screen.times.day(finding.last_seen)}", "dim"))
    return text


def _volume(finding: Finding, screen: Screen) -> Text:
    text = screen.text(size_range(finding.bytes_out))
    text.append("\n")
    text.append_text(screen.text(size_range(finding.bytes_in)))
    return text


def _end(end: End) -> tuple[Cell, ...]:
    return (end.realm, end.address, end.asset, end.site, end.country, ";".join(end.groups))


def _automation(finding: Finding) -> tuple[Cell, ...]:
    found = finding.automation
    if found is None:
        return (None,) * 7
    return (
        found.beacon.score if found.beacon else None,
        found.beacon.interval_seconds if found.beacon else None,
        found.long.seconds if found.long else None,
        found.strobe.contacts if found.strobe else None,
        found.prevalence.hosts,
        found.prevalence.of,
        found.pair_first_seen.at,
    )


def _row(finding: Finding) -> tuple[Cell, ...]:
    nearest, life = finding.nearest_rule, finding.life
    return (
        finding.id,
        finding.kind,
        ";".join(finding.also),
        finding.verdict,
        finding.severity,
        *_end(finding.src),
        *_end(finding.dst),
        finding.protocol,
        finding.port,
        finding.service,
        finding.first_seen,
        finding.last_seen,
        finding.onset.at,
        finding.onset.kind,
        finding.days_active,
        finding.flows,
        finding.established,
        finding.bytes_out.low,
        finding.bytes_out.high,
        finding.bytes_in.low,
        finding.bytes_in.high,
        ";".join(finding.sensors),
        finding.seen_at,
        nearest.id if nearest else None,
        nearest.why_not if nearest else None,
        "; ".join(check.text for check in finding.checks),
        *_automation(finding),
        finding.cause,
        life.status,
        life.assignee,
        life.who,
        life.why,
        life.until,
        ";".join(finding.incidents) or None,
    )
