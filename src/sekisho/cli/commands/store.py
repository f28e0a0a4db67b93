"""`sekisho store`: the lake's own figures, its integrity, and what was set aside."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.progress import progress
from sekisho.cli.session import session
from sekisho.errors import EXIT_INTEGRITY
from sekisho.reports.base import Column, Report, Sheet
from sekisho.reports.units import counted

app = typer.Typer(no_args_is_help=True, help="The flow lake: figures, integrity, what was set aside.")

_REJECTS = (
    Column("path", "file", "code"),
    Column("row", "line", "count"),
    Column("sensor", "sensor"),
    Column("reason", "why"),
    Column("text", "as it stood", "code"),
)
SHOWN = 120
"""Characters of a line in the table; the other formats give all that was kept."""
_DAMAGE = (Column("path", "file", "code"), Column("rows", "rows", "count"), Column("reason", "why"))


def register(root: typer.Typer) -> None:
    """Add the group."""
    root.add_typer(app, name="store")


@app.command("stats")
def stats_command(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """Files, flows, days and bytes on disk."""
    from sekisho.app.store import stats

    run = session(context)
    found = stats(run.workspace())
    period = (
        f"from {found.first:%Y-%m-%d} to {found.last:%Y-%m-%d}" if found.first and found.last else ""
    )
    figures = (
        Column("flows", "flows", "count"),
        Column("files", "files", "count"),
        Column("set_aside", "files set aside", "count"),
        Column("rejected", "lines set aside", "count"),
        Column("days", "days", "count"),
        Column("connection_days", "connection-days", "count"),
        Column("raw_bytes", "raw", "bytes"),
        Column("rollup_bytes", "roll-ups", "bytes"),
        Column("lost", "damaged files", "count"),
    )
    values = asdict(found)
    row = tuple(values[column.key] for column in figures)
    headline = f"{counted(found.flows, 'flow')} {period}".strip() + "."
    report = Report(
        headline,
        (Sheet("lake", "", figures, [row]),),
        ("`sekisho store verify` says which files are damaged.",) if found.lost else (),
        {"schema": "sekisho.store-stats/1", **values},
    )
    write(run, report, format_)


@app.command("verify")
def verify_command(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """Hash every file of the lake against its manifest; 5 where one is not what was written.

    What is not whole is set aside: the rest still answers, and every answer says what it lacks.
    """
    from sekisho.app.store import verify

    run = session(context)
    with progress(run) as step:
        damage = verify(run.workspace(), step)
    rows = [(one.path, one.rows, one.reason) for one in damage]
    headline = (
        f"Not whole: {counted(len(rows), 'file')}." if rows else "Every file is what was written."
    )
    document = {
        "schema": "sekisho.store-verify/1",
        "whole": not rows,
        "damage": [{"path": p, "rows": n, "reason": r} for p, n, r in rows],
    }
    mend = (
        ("Restore the lake from a backup, or ingest the same logs into a new workspace.",)
        if rows
        else ()
    )
    write(run, Report(headline, (Sheet("file", "", _DAMAGE, rows, empty=""),), mend, document), format_)
    if rows:
        raise typer.Exit(EXIT_INTEGRITY)


@app.command("rejects")
def rejects_command(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="At most this many lines.", min=1, max=1_000_000)] = 100,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Lines and files that could not be read, with their place and the reason."""
    from sekisho.app.store import rejects

    run = session(context)
    found = rejects(run.workspace(), limit)
    rows = [
        (one.path, one.row, one.sensor, one.reason, one.text.decode("utf-8", "backslashreplace"))
        for one in found
    ]
    brief = [(*row[:-1], _brief(row[-1])) for row in rows]
    headline = (
        f"{counted(len(rows), 'line or file', 'lines and files')} that could not be read."
        if rows
        else "Nothing was set aside."
    )
    if len(rows) >= limit:
        headline = f"The first {limit:,} lines that could not be read; --limit shows more."
    sheet = Sheet("reject", "", _REJECTS, brief if format_ is Format.TABLE else rows, empty="")
    document = {
        "schema": "sekisho.rejects/1",
        "rejects": [
            dict(zip(("path", "row", "sensor", "reason", "text"), row, strict=True)) for row in rows
        ],
    }
    write(run, Report(headline, (sheet,), (), document), format_, output)


def _brief(text: str) -> str:
    from sekisho.reports.text import printable

    shown = printable(text)
    return shown if len(shown) <= SHOWN else f"{shown[:SHOWN]} ..."
