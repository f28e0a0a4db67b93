"""What changed between two audits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sekisho.audit.compare import AuditDiff, FieldChange
from sekisho.model.findings import Finding
from sekisho.reports.base import Cell, Column, Sheet
from sekisho.reports.screen import STATE, Screen
from sekisho.reports.units import Times, count
from sekisho.reports.view import View, plain
from sekisho.reports.views.findings import brief_sheet, findings_sheet, show_findings
from sekisho.reports.wording import end_text, service_text


class DifferenceView(View[AuditDiff]):
    """`sekisho audit diff`."""

    name = "difference"

    def headline(self, document: AuditDiff, times: Times) -> str:
        """How many of each, between which periods."""
        new, gone, changed = (len(part) for part in (document.new, document.gone, document.changed))
        if not new + gone + changed:
            return "No finding is new, gone or changed."
        return f"{count(new)} new, {count(gone)} gone, {count(changed)} changed findings."

    def sheets(self, document: AuditDiff) -> tuple[Sheet, ...]:
        """New, gone, and each changed field."""
        return (
            brief_sheet(document.new, "New"),
            brief_sheet(document.gone, "Gone"),
            changes_sheet(document),
        )

    def table(self, document: AuditDiff) -> Sheet:
        """Every finding with every field, and what happened to it."""
        rows: list[tuple[Cell, ...]] = []
        sheet = findings_sheet(())
        for change, findings in _by_change(document):
            rows += [(change, *row) for row in findings_sheet(findings).rows]
        return Sheet("finding", "Findings", (Column("change", "Change", "state"), *sheet.columns), rows)

    def notes(self, document: AuditDiff) -> tuple[str, ...]:
        """What makes the two hard to compare."""
        return document.notes

    def records(self, document: AuditDiff) -> Iterable[Mapping[str, Any]]:
        """The comparison itself, then its findings; an empty comparison is still a line."""
        body = document.model_dump(mode="json", by_alias=True, exclude={"new", "gone", "changed"})
        yield {"record": "difference", **body}
        for finding in document.new:
            yield {"record": "new", "finding": plain(finding)}
        for finding in document.gone:
            yield {"record": "gone", "finding": plain(finding)}
        for change in document.changed:
            yield {"record": "changed", **plain(change)}

    def show(self, document: AuditDiff, screen: Screen) -> None:
        """New and gone as findings, changed as before and after."""
        screen.headline(self.headline(document, screen.times))
        for title, findings in (("new", document.new), ("gone", document.gone)):
            if findings:
                screen.line()
                screen.line(screen.text(title.capitalize(), STATE[title]))
                show_findings(findings, screen)
        if document.changed:
            screen.line()
            screen.line(screen.text("Changed", STATE["changed"]))
        limit = screen.options.limit
        shown = document.changed if limit is None else document.changed[:limit]
        for change in shown:
            finding = change.finding
            screen.line(
                f"{change.id}  {end_text(finding.src)} {screen.glyphs.arrow} {end_text(finding.dst)} : "
                f"{service_text(finding)}"
            )
            for field in change.fields:
                before, after = _said(field, field.before), _said(field, field.after)
                screen.indented(screen.text(f"{field.field}: {before} {screen.glyphs.arrow} {after}"))
        screen.more(len(document.changed) - len(shown))
        if document.notes:
            screen.line()
            screen.notes(document.notes)


def changes_sheet(document: AuditDiff) -> Sheet:
    """One row a changed field."""
    columns = (
        Column("id", "Id", "code"),
        Column("field", "Field"),
        Column("before", "Before"),
        Column("after", "After"),
    )
    rows = [
        (change.id, field.field, _said(field, field.before), _said(field, field.after))
        for change in document.changed
        for field in change.fields
    ]
    return Sheet("changed", "Changed", columns, rows, "None.")


def _by_change(document: AuditDiff) -> tuple[tuple[str, tuple[Finding, ...]], ...]:
    changed = tuple(change.finding for change in document.changed)
    return ("new", document.new), ("gone", document.gone), ("changed", changed)


def _said(field: FieldChange, value: Any) -> str:
    if isinstance(value, str):
        return value
    if field.field == "life" and isinstance(value, Mapping):
        return _life(value)
    return json.dumps(plain(value), ensure_ascii=False, separators=(", ", ": "))


def _life(life: Mapping[str, Any]) -> str:
    """`accepted by aiko until 2020-12-31T00:00:00.000000Z (printers), with ken`."""
    text = str(life.get("status", "")).replace("_", " ")
    for word, key in (("by", "who"), ("until", "until")):
        text += f" {word} {life[key]}" if life.get(key) else ""
    text += f" ({life['why']})" if life.get("why") else ""
    return text + (f", with {life['assignee']}" if life.get("assignee") else "")
