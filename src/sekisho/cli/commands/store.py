"""`sekisho store`: the lake's own figures, its integrity, and what was set aside."""

from __future__ import annotations

from typing import Annotated

import typer

from sekisho.app.store import rejects, stats, verify
from sekisho.cli.session import session
from sekisho.errors import EXIT_INTEGRITY
from sekisho.reports.registry import Format
from sekisho.reports.store import render_rejects, render_stats, render_verify

app = typer.Typer(no_args_is_help=True, help="The flow lake: figures, integrity, what was set aside.")


@app.command("stats")
def stats_command(
    context: typer.Context,
    format_: Annotated[Format, typer.Option("--format", help="table or json.")] = Format.TABLE,
) -> None:
    """Files, rows, days and bytes on disk."""
    run = session(context)
    render_stats(stats(run.workspace()), format_, run.out())


@app.command("verify")
def verify_command(
    context: typer.Context,
    format_: Annotated[Format, typer.Option("--format", help="table or json.")] = Format.TABLE,
) -> None:
    """Hash every file of the lake against its manifest; 5 where one is not what was written."""
    run = session(context)
    damage = verify(run.workspace())
    render_verify(damage, format_, run.out())
    if damage:
        raise typer.Exit(EXIT_INTEGRITY)


@app.command("rejects")
def rejects_command(
    context: typer.Context,
    format_: Annotated[
        Format, typer.Option("--format", help="table, json, jsonl or csv.")
    ] = Format.TABLE,
    limit: Annotated[int, typer.Option(help="At most this many lines.", min=1)] = 100,
) -> None:
    """Lines and files that could not be read, with their place and the reason."""
    run = session(context)
    render_rejects(rejects(run.workspace(), limit), format_, run.out())
