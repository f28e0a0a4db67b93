"""`sekisho config`: the settings in force and where each came from."""

from __future__ import annotations

import os

import typer

from sekisho.cli.output import Format, FormatOption, write
from sekisho.cli.session import session
from sekisho.reports.base import Column, Report, Sheet

app = typer.Typer(no_args_is_help=True, help="The settings in force and where each came from.")
_COLUMNS = (Column("key", "key", "code"), Column("value", "value"), Column("from", "from"))


def register(root: typer.Typer) -> None:
    """Add the group."""
    root.add_typer(app, name="config")


@app.callback()
def group() -> None:
    """The settings in force and where each came from."""


@app.command("show")
def show(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """Every key with its value and its origin: default, file or environment. Secrets are masked."""
    run = session(context)
    shown = run.workspace().settings(os.environ).show()
    rows = [(row.key.label, "" if row.value is None else str(row.value), row.origin) for row in shown]
    document = {
        "schema": "sekisho.config/1",
        "settings": [dict(zip(("key", "value", "from"), row, strict=True)) for row in rows],
    }
    report = Report(
        "Settings of this workspace.", (Sheet("setting", "", _COLUMNS, rows),), (), document
    )
    write(run, report, format_)
