"""What an edit of the register changes."""

from __future__ import annotations

from sekisho.policy.differences import Change, Judged, PolicyDiff
from sekisho.reports.base import Cell, Column, Sheet
from sekisho.reports.units import Times, count, counted
from sekisho.reports.view import View


class PolicyDiffView(View[PolicyDiff]):
    """`sekisho policy diff`."""

    name = "policy diff"

    def headline(self, document: PolicyDiff, times: Times) -> str:
        """How many connections change verdict; that none was seen is another answer."""
        permissions = document.permissions
        words = ""
        if permissions is not None:
            words = f" {counted(permissions.total, 'permission')} changed by the text alone."
        if not document.connections:
            return f"No connection was recorded that either register could judge.{words}"
        return (
            f"{count(document.changed)} of {counted(document.connections, 'connection')} "
            f"change verdict.{words}"
        )

    def sheets(self, document: PolicyDiff) -> tuple[Sheet, ...]:
        """Groups of changes, permissions whatever was seen."""
        return groups_sheet(document), permissions_sheet(document)

    def table(self, document: PolicyDiff) -> Sheet:
        """Every connection whose verdict changes."""
        columns = (
            Column("src", "From"),
            Column("src_site", "Site"),
            Column("dst", "To"),
            Column("dst_site", "Site"),
            Column("service", "Service"),
            Column("flows", "Flows", "count"),
            Column("first_seen", "First seen", "time"),
            Column("last_seen", "Last seen", "time"),
            Column("before", "Before", "verdict"),
            Column("before_rule", "Rule before", "code"),
            Column("after", "After", "verdict"),
            Column("after_rule", "Rule after", "code"),
        )
        return Sheet("change", "Changes", columns, [_row(change) for change in document.changes])

    def notes(self, document: PolicyDiff) -> tuple[str, ...]:
        """What was cut off."""
        permissions = document.permissions
        if permissions is not None and not permissions.complete:
            given_up = "The comparison of permissions was given up for its size; there may be more."
            return (*document.notes, given_up)
        return document.notes


def groups_sheet(document: PolicyDiff) -> Sheet:
    """By sites, service and verdicts, what becomes worse first."""
    columns = (
        Column("before", "Before", "verdict"),
        Column("after", "After", "verdict"),
        Column("src_site", "From"),
        Column("dst_site", "To"),
        Column("service", "Service"),
        Column("connections", "Connections", "count"),
        Column("flows", "Flows", "count"),
    )
    rows = [
        (g.before, g.after, g.src_site or "-", g.dst_site or "-", g.service, g.connections, g.flows)
        for g in document.groups
    ]
    return Sheet("group", "Observed connections", columns, rows, "No verdict changes.")


def permissions_sheet(document: PolicyDiff) -> Sheet:
    """What is permitted now and was not, and the reverse."""
    columns = (
        Column("change", "Change", "state"),
        Column("sources", "From"),
        Column("destinations", "To"),
        Column("services", "Services"),
    )
    changes = document.permissions.changes if document.permissions else ()
    rows = [(c.change, ", ".join(c.sources), ", ".join(c.destinations), c.services) for c in changes]
    return Sheet("permission", "Permissions", columns, rows, "Both permit the same.")


def _row(change: Change) -> tuple[Cell, ...]:
    return (
        change.src.address,
        change.src.site,
        change.dst.address,
        change.dst.site,
        change.service,
        change.flows,
        change.first_seen,
        change.last_seen,
        change.before.verdict,
        _rule(change.before),
        change.after.verdict,
        _rule(change.after),
    )


def _rule(judged: Judged) -> str | None:
    return judged.rule or (judged.nearest_rule.id if judged.nearest_rule else None)
