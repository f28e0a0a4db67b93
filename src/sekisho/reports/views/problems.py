"""Problems of files that people wrote: where, what, and how to mend it."""

from __future__ import annotations

from sekisho.reports.base import Column, Sheet
from sekisho.reports.documents import ProblemsDocument
from sekisho.reports.screen import STATE, Screen
from sekisho.reports.units import Times, counted
from sekisho.reports.view import View


class ProblemsView(View[ProblemsDocument]):
    """A list of errors and warnings."""

    name = "problems"

    def headline(self, document: ProblemsDocument, times: Times) -> str:
        """How many of each."""
        errors = sum(problem.level == "error" for problem in document.problems)
        warnings = len(document.problems) - errors
        if not document.problems:
            return f"No problems in {document.subject}."
        parts = [counted(errors, "error")] if errors else []
        parts += [counted(warnings, "warning")] if warnings else []
        return f"{' and '.join(parts)} in {document.subject}."

    def sheets(self, document: ProblemsDocument) -> tuple[Sheet, ...]:
        """One sheet."""
        columns = (
            Column("file", "File"),
            Column("line", "Line", "count"),
            Column("column", "Column", "count"),
            Column("level", "Level", "state"),
            Column("code", "Code", "code"),
            Column("message", "Message"),
            Column("mend", "Mend"),
        )
        rows = [
            (p.file, p.line, p.column, p.level, p.code, p.message, p.mend) for p in document.problems
        ]
        return (Sheet("problem", "Problems", columns, rows, "No problems."),)

    def show(self, document: ProblemsDocument, screen: Screen) -> None:
        """One paragraph a problem, its place first so that editors can jump to it."""
        for problem in document.problems:
            place = ":".join(str(part) for part in (problem.file, problem.line, problem.column) if part)
            line = screen.text(f"{place}: ")
            line.append_text(screen.text(problem.level, STATE.get(problem.level, "")))
            line.append_text(screen.text(f": {problem.message} "))
            line.append_text(screen.text(f"[{problem.code}]", "dim"))
            screen.line(line)
            if problem.mend:
                screen.indented(screen.text(f"help: {problem.mend}"))
        if document.problems:
            screen.line()
        screen.headline(self.headline(document, screen.times))
