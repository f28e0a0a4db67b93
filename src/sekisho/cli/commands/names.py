"""`sekisho names`: what an address was called, who asked for a name, where a hash was seen."""

from __future__ import annotations

from typing import Annotated

import typer

from sekisho.cli.commands.audit import SinceOption, UntilOption
from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.session import session
from sekisho.cli.times import window


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("names")(names_command)


def names_command(
    context: typer.Context,
    value: Annotated[
        str, typer.Argument(help="An address, a name, a hash or a fingerprint (JA3, JA3S, JA4); whole.")
    ],
    since: SinceOption = None,
    until: UntilOption = None,
    limit: Annotated[int, typer.Option(help="At most this many rows.", min=1, max=100_000)] = 50,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """When an address was called what and by whom, who asked for a name, where a hash or fingerprint was seen.

    From what Zeek and Suricata log of name service, TLS, HTTP and files.
    """
    from sekisho.app.names import names

    run = session(context)
    begin, end = window(since, until, run.now())
    write(
        run,
        names(run.workspace(), value, begin=begin, end=end, limit=limit),
        format_,
        output,
        limit=None,
    )
