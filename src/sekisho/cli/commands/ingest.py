"""`sekisho ingest`: logs into the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sekisho.cli.output import Format, FormatOption, write
from sekisho.cli.progress import progress
from sekisho.cli.session import session
from sekisho.errors import EXIT_PARTLY_READ
from sekisho.reports.base import Column, Report, Sheet
from sekisho.reports.units import counted

if TYPE_CHECKING:
    from sekisho.app.ingest import IngestSummary

_FILES = (
    Column("sensor", "sensor"),
    Column("path", "file", "code"),
    Column("outcome", "outcome", "state"),
    Column("rows", "flows", "count"),
    Column("names", "names", "count"),
    Column("logons", "logons", "count"),
    Column("events", "events", "count"),
    Column("rejected", "rejected", "count"),
    Column("ignored", "other lines", "count"),
)
_SENSORS = (
    Column("sensor", "sensor"),
    Column("files", "files", "count"),
    Column("new", "new", "count"),
    Column("known", "known", "count"),
    Column("rows", "flows", "count"),
    Column("names", "names", "count"),
    Column("logons", "logons", "count"),
    Column("events", "events", "count"),
    Column("rejected", "rejected", "count"),
)
NOTES_SHOWN = 20
_FIGURES = ("rows", "names", "logons", "events", "rejected")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("ingest")(ingest_command)


def ingest_command(
    context: typer.Context,
    paths: Annotated[
        list[str],
        typer.Argument(help="Files, folders and s3://bucket/prefix; plain, .gz or .zst."),
    ],
    sensor: Annotated[str | None, typer.Option(help="Which sensor wrote them.")] = None,
    reader: Annotated[str | None, typer.Option(help="The format, where content does not tell.")] = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Read logs. What is known is passed over, what has grown goes on, what is broken is set aside.

    Of Windows event logs every event is kept too: `sekisho fleet sigma run` asks rules of them.

    The sensor of a file is --sensor, else the one whose `paths` in sites.yaml match it, else the
    folder under logs/ that bears a sensor's name.
    """
    from sekisho.app.ingest import ingest

    run = session(context)
    with progress(run) as step:
        summary = ingest(run.workspace(), paths, sensor=sensor, reader=reader, now=run.now(), step=step)
    write(run, _report(summary, by_file=format_ is not Format.TABLE), format_, limit=40)
    if summary.unread:
        raise typer.Exit(EXIT_PARTLY_READ)


def _report(summary: IngestSummary, *, by_file: bool) -> Report:
    unread = len(summary.unread)
    found = [counted(summary.rows, "new flow")]
    beside = ((summary.names, "name"), (summary.logons, "logon"), (summary.events, "event"))
    found += [counted(n, what) for n, what in beside if n]
    files = counted(len(summary.files), "file")
    headline = f"{', '.join(found[:-1])}{' and ' if found[1:] else ''}{found[-1]} from {files}."
    if unread:
        where = "it" if len(summary.files) == 1 else f"{unread:,} of them"
        headline += f" In {where} something could not be read: `sekisho store rejects`."
    rows = [
        (f.sensor, f.path, f.outcome, f.rows, f.names, f.logons, f.events, f.rejected, f.ignored)
        for f in summary.files
    ]
    sheet = Sheet("file", "", _FILES, rows, empty="No files.") if by_file else _by_sensor(summary)
    notes = summary.notes + tuple(f"{f.path}: {note}" for f in summary.files for note in f.notes)
    notes += tuple(f"{path}: {why}" for path, why in summary.skipped)
    return Report(
        headline,
        (sheet,),
        notes[:NOTES_SHOWN]
        + ((f"and {len(notes) - NOTES_SHOWN} more notes",) if len(notes) > NOTES_SHOWN else ()),
        {
            "schema": "sekisho.ingest/1",
            "flows": summary.rows,
            "names": summary.names,
            "logons": summary.logons,
            "events": summary.events,
            "files": [
                {
                    "path": f.path,
                    "sensor": f.sensor,
                    "reader": f.reader,
                    "outcome": f.outcome,
                    "flows": f.rows,
                    "names": f.names,
                    "logons": f.logons,
                    "events": f.events,
                    "rejected": f.rejected,
                    "ignored": f.ignored,
                    "unmatched": f.unmatched,
                    "notes": list(f.notes),
                }
                for f in summary.files
            ],
            "notes": list(summary.notes),
            "skipped": [{"path": str(path), "why": why} for path, why in summary.skipped],
        },
    )


def _by_sensor(summary: IngestSummary) -> Sheet:
    """What people read: hundreds of rotated files are one row for the sensor that wrote them."""
    rows = []
    for sensor in sorted({one.sensor for one in summary.files}):
        own = [one for one in summary.files if one.sensor == sensor]
        known = sum(one.outcome == "known" for one in own)
        figures = [sum(getattr(one, key) for one in own) for key in _FIGURES]
        rows.append((sensor or "-", len(own), len(own) - known, known, *figures))
    return Sheet("sensor", "", _SENSORS, rows, empty="No files.")
