"""`sekisho sink`: where alerts are told, and whether they arrive."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from sekisho.cli.output import Format, FormatOption, write
from sekisho.cli.session import Session, session
from sekisho.reports.base import Column, Report, Sheet

app = typer.Typer(no_args_is_help=True, help="Where alerts are told, and whether they arrive.")
_COLUMNS = (
    Column("name", "name", "code"),
    Column("kind", "kind"),
    Column("severity", "from severity", "severity"),
    Column("target", "target"),
)
NameArgument = Annotated[str, typer.Argument(help="The sink's name in sekisho.toml.")]


def register(root: typer.Typer) -> None:
    """Add the group."""
    root.add_typer(app, name="sink")


@app.callback()
def group() -> None:
    """Where alerts are told, and whether they arrive."""


@app.command("list")
def list_(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """Every sink of sekisho.toml. What is secret shows where it is kept."""
    run = session(context)
    sinks = run.workspace().settings(os.environ).settings.watch.sinks
    rows = []
    for name, sink in sinks.items():
        target = getattr(sink, "url", None) or getattr(sink, "host", None) or "standard output"
        rows.append((name, sink.kind, sink.severity, str(target)))
    document = {
        "schema": "sekisho.sinks/1",
        "sinks": [dict(zip(("name", "kind", "severity", "target"), row, strict=True)) for row in rows],
    }
    empty = "sekisho.toml has no [watch.sinks.NAME]: alerts are told nowhere."
    headline = f"Alerts are told in {len(rows)} place{'' if len(rows) == 1 else 's'}."
    write(run, Report(headline, (Sheet("sink", "", _COLUMNS, rows, empty),), (), document), format_)


@app.command("test")
def trial(
    context: typer.Context,
    name: NameArgument,
    show: Annotated[
        bool, typer.Option("--show", help="Print what would be sent; send nothing.")
    ] = False,
) -> None:
    """Send a test alert to a sink. Status 0 only when the other end took it."""
    from sekisho.app.sinks import Surroundings, open_sink, rendered, send_test

    run = session(context)
    workspace = run.workspace()
    around = Surroundings(workspace.root, os.environ, run.now, sys.stdout.buffer)
    sink = open_sink(workspace, name, around)
    if show:
        _print(run, rendered(sink, run.now()).body)
        return
    send_test(sink, run.now())
    run.note(f"{name}: the test alert was taken")


def _print(run: Session, body: bytes) -> None:
    from sekisho.reports.text import printable

    text = printable(body.decode("utf-8", "replace").replace("\r\n", "\n"), keep_newlines=True)
    run.out().print(text, markup=False, highlight=False, soft_wrap=True)
