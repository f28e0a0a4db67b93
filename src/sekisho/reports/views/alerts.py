"""Alerts as they stand: the list people work through, and one of them with its connections."""

from __future__ import annotations

from collections.abc import Iterable

from sekisho.model.findings import rfc3339
from sekisho.reports.base import Column, Sheet
from sekisho.reports.screen import SEVERITY, Screen
from sekisho.reports.units import Times, counted
from sekisho.reports.view import View, line
from sekisho.reports.wording import end_text
from sekisho.watch.alerts import Alert, AlertsDocument

_COLUMNS = (
    Column("severity", "Severity", "severity"),
    Column("status", "Status"),
    Column("title", "What"),
    Column("connections", "Connections", "count"),
    Column("flows", "Flows", "count"),
    Column("first_seen", "Since", "time"),
    Column("last_seen", "Last seen", "time"),
    Column("id", "Id", "code"),
)
_MEMBERS = (
    Column("severity", "Severity", "severity"),
    Column("verdict", "Verdict", "verdict"),
    Column("ends", "From, to"),
    Column("service", "Service"),
    Column("last_seen", "Last seen", "time"),
    Column("id", "Finding", "code"),
)


class AlertsView(View[AlertsDocument]):
    """A list of alerts."""

    name = "alerts"

    def headline(self, document: AlertsDocument, times: Times) -> str:
        """How many there are."""
        if not document.alerts:
            return "No alerts."
        return f"{counted(len(document.alerts), 'alert')}."

    def sheets(self, document: AlertsDocument) -> tuple[Sheet, ...]:
        """One sheet."""
        rows = [
            (
                a.severity,
                a.status,
                a.title,
                a.connections,
                a.flows,
                a.first_seen,
                a.last_seen,
                a.id,
            )
            for a in document.alerts
        ]
        return (Sheet("alert", "", _COLUMNS, rows, ""),)

    def notes(self, document: AlertsDocument) -> tuple[str, ...]:
        """What the list does not show."""
        return document.notes

    def lines(self, document: AlertsDocument) -> Iterable[str]:
        """The alerts as in the contract."""
        return (line("alert", alert) for alert in document.alerts)

    def show(self, document: AlertsDocument, screen: Screen) -> None:
        """A paragraph an alert: what, since when, how it stands."""
        screen.headline(self.headline(document, screen.times))
        shown, more = document.alerts, 0
        limit = screen.options.limit
        if limit is not None and len(shown) > limit:
            shown, more = shown[:limit], len(shown) - limit
        for alert in shown:
            screen.line()
            self._paragraph(alert, screen, whole=len(document.alerts) == 1)
        screen.more(more)
        if document.notes:
            screen.line()
            screen.notes(document.notes)

    def _paragraph(self, alert: Alert, screen: Screen, *, whole: bool) -> None:
        head = screen.text(alert.severity, SEVERITY.get(alert.severity, ""))
        head.append_text(screen.text(f"  {alert.id}  {alert.status}"))
        screen.line(head)
        screen.indented(screen.text(alert.title))
        seen = ""
        if alert.first_seen and alert.last_seen:
            times = screen.times
            seen = f", {times.minute(alert.first_seen)} to {times.minute(alert.last_seen)}"
        numbers = f"{counted(alert.connections, 'connection')}, {counted(alert.flows, 'flow')}{seen}"
        screen.indented(screen.text(numbers, "dim"))
        muting = alert.muting
        if muting is not None:
            until = f" until {rfc3339(muting.until)[:16]}Z" if muting.until else ""
            screen.indented(screen.text(f"{muting.by} by {muting.who}{until}: {muting.why}", "dim"))
        if whole:
            screen.indented(screen.text(alert.text))
            if alert.baseline:
                screen.indented(screen.text(f"usual: {alert.baseline}"))
            if alert.members:
                screen.sheet(_members(alert))


def _members(alert: Alert) -> Sheet:
    rows = [
        (
            m.severity,
            m.verdict,
            f"{end_text(m.src, 'no site')} -> {end_text(m.dst, 'no site')}",
            m.service,
            m.last_seen,
            m.finding,
        )
        for m in alert.members
    ]
    return Sheet("member", "", _MEMBERS, rows, "")
