"""`sekisho fleet hunt`: what terminals answered before, by the indicators of now."""

from __future__ import annotations

from typing import Annotated

import typer

from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.session import session
from sekisho.cli.times import since as since_


def register(group: typer.Typer) -> None:
    """Add the verb."""
    group.command("hunt")(hunt_command)


def hunt_command(
    context: typer.Context,
    since: Annotated[
        str | None, typer.Option(help="Only what came since: a day or time, or 30d.")
    ] = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Look through what the service took of terminals for what feeds name by now.

    What nobody knew becomes an answer of its terminal. For what was imported: `fleet import --again`.
    """
    from sekisho.app.checking.rehunting import rehunt
    from sekisho.reports.fleet_hunt import fleet_hunt_report

    run = session(context)
    document = rehunt(run.workspace(), now=run.now(), begin=since_(since, run.now()))
    write(run, fleet_hunt_report(document), format_, output, limit=50)
