"""`sekisho coverage`: what was recorded, and where nothing was."""

from __future__ import annotations

from typing import Annotated

import typer

from sekisho.cli.commands.audit import SinceOption, UntilOption
from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.session import session
from sekisho.cli.times import window

LINKS_SHOWN = 20
"""More links than these are summed up unless all are asked for."""


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("coverage")(coverage_command)


def coverage_command(
    context: typer.Context,
    since: SinceOption = None,
    until: UntilOption = None,
    site: Annotated[
        list[str] | None, typer.Option(help="Only the sensors of this site; repeatable.")
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Each link in a row of its own, however many there are.")
    ] = False,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Who watches which link between sites, week by week, and what each sensor recorded, hour by hour.

    Nothing found is not the same as nothing recorded.
    """
    from sekisho.app.coverage import coverage

    run = session(context)
    now = run.now()
    begin, end = window(since, until, now)
    document = coverage(run.workspace(), begin=begin, end=end, sites=site or (), now=now)
    write(run, document, format_, output, limit=None if all_ else LINKS_SHOWN)
