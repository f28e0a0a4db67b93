"""What the register's own tests came to."""

from __future__ import annotations

from sekisho.policy.testing import TestsDocument
from sekisho.reports.base import Column, Sheet
from sekisho.reports.screen import Screen
from sekisho.reports.units import Times, count, counted
from sekisho.reports.view import View


class TestsView(View[TestsDocument]):
    """`sekisho policy test`."""

    name = "policy tests"

    def headline(self, document: TestsDocument, times: Times) -> str:
        """How many hold."""
        total = len(document.tests)
        if not total:
            return "The register has no tests of its own; write some under `tests:` in a policy file."
        if document.failed:
            return f"{count(document.failed)} of {counted(total, 'test')} failed."
        return "The only test holds." if total == 1 else f"All {counted(total, 'test')} hold."

    def sheets(self, document: TestsDocument) -> tuple[Sheet, ...]:
        """Each test, the failed ones with what refutes them."""
        columns = (
            Column("holds", "Holds"),
            Column("test", "Test"),
            Column("witness", "Refuted by"),
            Column("rule", "Permitted by", "code"),
            Column("file", "File"),
            Column("line", "Line", "count"),
            Column("at", "Judged at", "time"),
        )
        rows = [
            ("yes" if t.holds else "NO", t.test, t.witness, t.rule, t.file, t.line, t.at)
            for t in sorted(document.tests, key=lambda test: test.holds)
        ]
        return (Sheet("test", "", columns, rows, "No tests."),)

    def show(self, document: TestsDocument, screen: Screen) -> None:
        """A line for each test, and below the failed ones what refutes them."""
        screen.headline(self.headline(document, screen.times))
        screen.line()
        for test in sorted(document.tests, key=lambda test: test.holds):
            state = screen.text(
                "holds " if test.holds else "FAILS ", "green" if test.holds else "bold red"
            )
            screen.console.print(state + screen.text(f" {test.file}:{test.line}  {test.test}"))
            if not test.holds:
                by = f", permitted by {test.rule}" if test.rule else ""
                screen.indented(screen.text(f"refuted by {test.witness}{by}"), 7)
