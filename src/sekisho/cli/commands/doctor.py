"""`sekisho doctor`: whether the workspace is well."""

from __future__ import annotations

import typer

from sekisho.cli.output import Format, FormatOption, write
from sekisho.cli.session import session
from sekisho.errors import EXIT_INTEGRITY
from sekisho.reports.base import Column, Report, Sheet

_COLUMNS = (
    Column("name", "what"),
    Column("state", "state", "state"),
    Column("text", "found"),
    Column("mend", "what to do"),
)


def register(root: typer.Typer) -> None:
    """Add the verb."""
    root.command("doctor")(doctor_command)


def doctor_command(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """Look at clock, disk, register, ledger, lake, collectors and watch; 5 where one fails."""
    from sekisho.app.doctor import examine

    run = session(context)
    checks = examine(run.workspace(), now=run.now())
    failed = sum(check.state == "fail" for check in checks)
    warned = sum(check.state == "warn" for check in checks)
    headline = "All is well." if not failed + warned else f"{failed} failed, {warned} to look at."
    rows = [(check.name, check.state, check.text, check.mend) for check in checks]
    document = {
        "schema": "sekisho.doctor/1",
        "checks": [dict(zip(("name", "state", "text", "mend"), row, strict=True)) for row in rows],
    }
    write(run, Report(headline, (Sheet("check", "", _COLUMNS, rows),), (), document), format_)
    if failed:
        raise typer.Exit(EXIT_INTEGRITY)
