"""`sekisho store`: the lake's own figures, its integrity, and what was set aside."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.progress import progress
from sekisho.cli.session import session
from sekisho.cli.times import since
from sekisho.errors import EXIT_INTEGRITY, RequestError
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
HELD_SHOWN = 10
"""Held days that are named; JSON names all."""
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
        Column("connection_months", "connection-months", "count"),
        Column("names", "names", "count"),
        Column("logons", "logons", "count"),
        Column("events", "events", "count"),
        Column("pruned", "flows pruned", "count"),
        Column("raw_bytes", "raw", "bytes"),
        Column("rollup_bytes", "roll-ups", "bytes"),
        Column("name_bytes", "names, on disk", "bytes"),
        Column("logon_bytes", "logons, on disk", "bytes"),
        Column("event_bytes", "events, on disk", "bytes"),
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


@app.command("compact")
def compact_command(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """Put the raw flows of every day with several files into one: less space, quicker reading.

    Worth it where logs come in small pieces all day. What the flows say stays the same. 5 where a file
    is not what was written: it is left as it is.
    """
    from sekisho.app.store import compact

    run = session(context)
    with progress(run) as step:
        found = compact(run.workspace(), step)
    headline = (
        f"{counted(found.files_before, 'file')} of {counted(found.days, 'day')} put into"
        f" {found.files_after}."
        if found.days
        else "Nothing to put together: every day has one whole file at most."
    )
    figures = (
        Column("days", "days", "count"),
        Column("files_before", "files before", "count"),
        Column("files_after", "files after", "count"),
        Column("size_before", "size before", "bytes"),
        Column("size_after", "size after", "bytes"),
    )
    values = asdict(found)
    rows = [tuple(values[column.key] for column in figures)] if found.days else []
    document = {"schema": "sekisho.store-compact/1", **values}
    notes = []
    if found.names.files_before:
        files = counted(found.names.files_before, "file")
        notes.append(f"{files} of names, logons or events put into {found.names.files_after}.")
    if found.days or found.names.files_before:
        notes.append("The old files go with the next writing an hour from now.")
    damaged = found.damaged + found.names.damaged
    if damaged:
        notes.append(
            f"Left as they are, not whole: {counted(damaged, 'file')};"
            " `sekisho store verify` names them."
        )
    sheet = Sheet("lake", "", figures, rows, empty="")
    write(run, Report(headline, (sheet,), tuple(notes), document), format_)
    if damaged:
        raise typer.Exit(EXIT_INTEGRITY)


@app.command("prune")
def prune_command(
    context: typer.Context,
    raw_older_than: Annotated[str, typer.Option(help="Days before this: 400d, or 2025-10-01.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say only what would go.")] = False,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Give up the raw flows, names, logons and events of old days; what flows came to stays in the roll-ups.

    Audits go on answering for those days; the single records behind a connection are gone. Days that are
    held stay, and are named with what holds them. Events lie under the day on which they came; those that
    happened on a held day stay. It stands in the ledger before anything goes.
    """
    from sekisho.app.store import prune
    from sekisho.store.spool import date_of

    run = session(context)
    before = since(raw_older_than, run.now())
    if before is None:
        raise RequestError("say which days: --raw-older-than 400d")
    found = prune(run.workspace(), before, dry=dry_run, now=run.now(), by=run.who())
    going = "would go" if dry_run else "are gone"
    headline = (
        f"{counted(found.rows, 'raw flow')} of {counted(len(found.days), 'day')} {going}."
        if found.days
        else f"No raw flows before {before:%Y-%m-%d} can go."
    )
    sides = ((found.names, "name"), (found.logons, "logon"), (found.events, "event"))
    beside = [counted(n, what) for n, what in sides if n]
    if beside:
        headline += f" {' and '.join(beside)} beside them {going}."
    notes = [
        f"{date_of(day)} stays: held by {', '.join(names)}" for day, names in found.held[:HELD_SHOWN]
    ]
    if len(found.held) > HELD_SHOWN:
        notes.append(f"{len(found.held) - HELD_SHOWN} more days are held")
    notes += [
        f"{date_of(day)} stays: its roll-up is not up to date, or not whole" for day in found.waiting
    ]
    if found.events_held:
        which = "those that happened on held days, and what lies in files with them"
        notes.append(f"{counted(found.events_held, 'event')} of terminals' logs stay: {which}")
    if (found.days or beside) and not dry_run:
        notes.append("The files go with the next writing an hour from now.")
    document = {
        "schema": "sekisho.store-prune/1",
        "dry_run": dry_run,
        "days": [str(date_of(day)) for day in found.days],
        "rows": found.rows,
        "names": found.names,
        "logons": found.logons,
        "events": found.events,
        "events_held": found.events_held,
        "bytes": found.size,
        "held": [{"day": str(date_of(day)), "by": list(names)} for day, names in found.held],
        "waiting": [str(date_of(day)) for day in found.waiting],
    }
    figures = (
        Column("first", "first"),
        Column("last", "last"),
        Column("rows", "flows", "count"),
        Column("names", "names", "count"),
        Column("logons", "logons", "count"),
        Column("events", "events", "count"),
        Column("bytes", "on disk", "bytes"),
    )
    ends = [str(date_of(day)) for day in (found.days or (0,))]
    row = (ends[0], ends[-1], found.rows, found.names, found.logons, found.events, found.size)
    sheet = Sheet("pruned", "", figures, [row] if found.days else [], empty="")
    write(run, Report(headline, (sheet,), tuple(notes), document), format_)


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
