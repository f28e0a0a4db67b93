"""`sekisho fleet packs`: checks for a kind of incident, in order."""

from __future__ import annotations

from typing import Annotated

import typer

from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.session import session


def register(group: typer.Typer) -> None:
    """Add the verb."""
    group.command("packs")(packs_command)


def packs_command(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Show this one, check by check.")] = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Packs of checks for a kind of incident: which checks, in which order, and why.

    `fleet campaign new NAME --pack PACK` asks one.
    """
    from sekisho.app.checking.packing import listed
    from sekisho.reports.packs import pack_report, packs_report

    run = session(context)
    document = listed(run.workspace(), name)
    report = packs_report(document) if name is None else pack_report(document)
    write(run, report, format_, output)
