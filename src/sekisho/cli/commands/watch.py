"""`sekisho watch`: judge what comes in, as it comes, and tell what should not be."""

from __future__ import annotations

import os
import signal
import sys
import threading
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from sekisho.cli.commands.audit import FailOn
from sekisho.cli.session import Session, session
from sekisho.cli.times import since as instant
from sekisho.errors import EXIT_FINDINGS, EXIT_PARTLY_READ

if TYPE_CHECKING:
    from sekisho.app.sinks import Target


class Told(StrEnum):
    """How alerts are written to standard output."""

    TABLE = "table"
    JSONL = "jsonl"
    NONE = "none"


def register(root: typer.Typer) -> None:
    """Add the verb."""
    root.command("watch")(watch_command)


def watch_command(
    context: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help="Judge what is there now and end, for cron.")
    ] = False,
    since: Annotated[
        str | None,
        typer.Option(help="The first time: also what the lake took since then; else what comes."),
    ] = None,
    format_: Annotated[
        Told, typer.Option("--format", "-f", help="How alerts are written here, beside the sinks.")
    ] = Told.TABLE,
    fail_on: Annotated[
        FailOn | None,
        typer.Option(help="End with status 1 while an alert nobody answered is this severe or worse."),
    ] = None,
) -> None:
    """Judge what comes in, and tell each thing that should not be once.

    Follows the folders that sensors write to, and whatever else takes files into the lake. Ends with
    SIGTERM or Ctrl-C; what it had not told by then is told when it starts again.
    """
    from sekisho.app.audit import threshold_of
    from sekisho.app.watching.watch import watching

    run = session(context)
    workspace = run.workspace()
    threshold = threshold_of(workspace, fail_on.value if fail_on else "none")
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda _signal, _frame: stop.set())
    with watching(
        workspace,
        _targets(run, format_),
        clock=run.now,
        by=run.who(),
        since=instant(since, run.now()),
        serve=not once,
    ) as watch:
        if once:
            watch.once()
        else:
            run.note("watching; Ctrl-C ends it")
            watch.run(stop)
        failed = watch.fails(threshold)
        unread = watch.tally.unread + watch.tally.damaged
    if failed:
        raise typer.Exit(EXIT_FINDINGS)
    if unread and once:
        raise typer.Exit(EXIT_PARTLY_READ)


def _targets(run: Session, format_: Told) -> list[Target]:
    """The sinks of the settings, and standard output as it was asked for."""
    from sekisho.app.sinks import Surroundings, Target, open_sinks
    from sekisho.watch.sinks.jsonl import JsonLines
    from sekisho.watch.sinks.text import Text

    workspace = run.workspace()
    around = Surroundings(workspace.root, os.environ, run.now, sys.stdout.buffer)
    found = list(open_sinks(workspace, around))
    if format_ is Told.TABLE:
        found.append(Target(Text(sys.stdout.buffer, "stdout"), "info"))
    elif format_ is Told.JSONL:
        found.append(Target(JsonLines(sys.stdout.buffer, "stdout"), "info"))
    return found
