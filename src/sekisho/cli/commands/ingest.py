"""`sekisho ingest`: logs into the lake."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sekisho.app.ingest import IngestSummary, ingest
from sekisho.cli.output import Format, FormatOption, write
from sekisho.cli.progress import progress
from sekisho.cli.session import session
from sekisho.errors import EXIT_PARTLY_READ
from sekisho.reports.base import Column, Report, Sheet

_COLUMNS = (
    Column("sensor", "sensor"),
    Column("path", "file", "code"),
    Column("outcome", "outcome", "state"),
    Column("rows", "flows", "count"),
    Column("rejected", "rejected", "count"),
    Column("ignored", "other lines", "count"),
)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("ingest")(ingest_command)


def ingest_command(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files and folders, plain, .gz or .zst.")],
    sensor: Annotated[str | None, typer.Option(help="Which sensor wrote them.")] = None,
    reader: Annotated[str | None, typer.Option(help="The format, where content does not tell.")] = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Read logs. What is known is passed over, what has grown goes on, what is broken is set aside.

    The sensor of a file is --sensor, else the one whose `paths` in sites.yaml match it, else the
    folder under logs/ that bears a sensor's name.
    """
    run = session(context)
    with progress(run) as step:
        summary = ingest(run.workspace(), paths, sensor=sensor, reader=reader, now=run.now(), step=step)
    write(run, _report(summary), format_, limit=40)
    if summary.unread:
        raise typer.Exit(EXIT_PARTLY_READ)


def _report(summary: IngestSummary) -> Report:
    unread = len(summary.unread)
    headline = f"{summary.rows:,} new flows from {len(summary.files):,} files."
    if unread:
        headline += f" In {unread:,} of them something could not be read: `sekisho store rejects`."
    rows = [(f.sensor, f.path, f.outcome, f.rows, f.rejected, f.ignored) for f in summary.files]
    notes = tuple(f"{f.path}: {note}" for f in summary.files for note in f.notes)
    return Report(
        headline,
        (Sheet("file", "", _COLUMNS, rows, empty="No files."),),
        notes[:20] + ((f"and {len(notes) - 20} more notes",) if len(notes) > 20 else ()),
        {
            "schema": "sekisho.ingest/1",
            "flows": summary.rows,
            "files": [
                {
                    "path": f.path,
                    "sensor": f.sensor,
                    "reader": f.reader,
                    "outcome": f.outcome,
                    "flows": f.rows,
                    "rejected": f.rejected,
                    "ignored": f.ignored,
                    "notes": list(f.notes),
                }
                for f in summary.files
            ],
        },
    )
