"""`sekisho ledger`: the record of evidence and decisions."""

from __future__ import annotations

import typer

from sekisho.app.ledger import verify
from sekisho.cli.output import Format, FormatOption, write
from sekisho.cli.session import session
from sekisho.errors import EXIT_INTEGRITY

app = typer.Typer(no_args_is_help=True, help="The append-only record of evidence and decisions.")


@app.callback()
def group() -> None:
    """The append-only record of evidence and decisions."""


@app.command("verify")
def verify_command(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """Check every entry and link; 0 only when the ledger is whole, 5 where it is not."""
    run = session(context)
    report, whole = verify(run.workspace())
    write(run, report, format_)
    if not whole:
        raise typer.Exit(EXIT_INTEGRITY)
