"""`sekisho explain`: the flows behind a finding, and why it is one."""

from __future__ import annotations

from typing import Annotated

import typer

from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.progress import progress
from sekisho.cli.session import session


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("explain")(explain_command)


def explain_command(
    context: typer.Context,
    finding: Annotated[str, typer.Argument(help="A finding's id, or its beginning.")],
    limit: Annotated[
        int, typer.Option(help="At most this many flows, and names.", min=1, max=100_000)
    ] = 20,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """The flows behind a finding with file and line, the rule trace, severity, coverage and onset.

    Where the sensor logs them, also the names, hashes and fingerprints that were seen in its flows.
    """
    from sekisho.app.explain import explain

    run = session(context)
    with progress(run) as step:
        explanation = explain(
            run.workspace(), finding, now=run.now(), by=run.who(), limit=limit, step=step
        )
    write(run, explanation, format_, output)
