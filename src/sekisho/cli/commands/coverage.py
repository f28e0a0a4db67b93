"""`sekisho coverage`: what was recorded, and where nothing was."""

from __future__ import annotations

import typer

from sekisho.cli.commands.audit import SinceOption, UntilOption
from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.session import session
from sekisho.cli.times import since as since_of
from sekisho.cli.times import until as until_of


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("coverage")(coverage_command)


def coverage_command(
    context: typer.Context,
    since: SinceOption = None,
    until: UntilOption = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Per sensor and hour: seen, quiet, or no data. Nothing found is not the same as nothing recorded."""
    from sekisho.app.coverage import coverage

    run = session(context)
    now = run.now()
    document = coverage(run.workspace(), begin=since_of(since, now), end=until_of(until, now), now=now)
    write(run, document, format_, output)
