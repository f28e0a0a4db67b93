"""`sekisho ledger`: the record of evidence and decisions."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.session import session
from sekisho.errors import EXIT_INTEGRITY
from sekisho.reports.base import Column, Report, Sheet
from sekisho.reports.units import counted

app = typer.Typer(no_args_is_help=True, help="The append-only record of evidence and decisions.")
_FLAWS = (
    Column("code", "what", "code"),
    Column("line", "line", "count"),
    Column("seq", "entry", "count"),
    Column("text", "why"),
)
_ENTRIES = (
    Column("seq", "entry", "count"),
    Column("at", "at", "time"),
    Column("by", "by"),
    Column("kind", "what", "code"),
    Column("body", "said", "code"),
)
SHOWN = 160
"""Characters of an entry's body in the table; the other formats give all of it."""


def register(root: typer.Typer) -> None:
    """Add the group."""
    root.add_typer(app, name="ledger")


@app.command("verify")
def verify_command(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """Check every entry and link; 0 only when the ledger is whole, 5 where it is not."""
    from sekisho.app import ledger

    run = session(context)
    found = ledger.verify(run.workspace())
    rows = [(flaw.code, flaw.line, flaw.seq, flaw.text) for flaw in found.flaws]
    headline = f"The ledger is whole: {counted(found.entries, 'entry', 'entries')}."
    if rows:
        flaws, entries = counted(len(rows), "flaw"), counted(found.entries, "entry", "entries")
        headline = f"The ledger is NOT whole: {flaws} in {entries}."
    document = {
        "schema": "sekisho.ledger-verify/1",
        "whole": found.whole,
        "entries": found.entries,
        "head": {"seq": found.head.seq, "hash": found.head.hash},
        "unfinished_bytes": found.unfinished,
        "flaws": [dict(zip(("code", "line", "seq", "text"), row, strict=True)) for row in rows],
    }
    notes = (f"Head: entry {found.head.seq}, {found.head.hash or 'none'}.",)
    write(run, Report(headline, (Sheet("flaw", "", _FLAWS, rows, empty=""),), notes, document), format_)
    if not found.whole:
        raise typer.Exit(EXIT_INTEGRITY)


@app.command("show")
def show_command(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="The last so many.", min=1, max=1_000_000)] = 50,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """The last entries: who did what, when."""
    from sekisho.app import ledger

    run = session(context)
    found = ledger.entries(run.workspace(), limit)
    bodies = [json.dumps(dict(e.body), ensure_ascii=False) for e in found]
    if format_ is Format.TABLE:
        bodies = [body if len(body) <= SHOWN else f"{body[:SHOWN]} ..." for body in bodies]
    rows = [(e.seq, e.at, e.by, e.kind, body) for e, body in zip(found, bodies, strict=True)]
    sheet = Sheet("entry", "", _ENTRIES, rows, empty="The ledger is empty.")
    document = {
        "schema": "sekisho.ledger-entries/1",
        "entries": [
            {"seq": e.seq, "at": e.at, "by": e.by, "kind": e.kind, "body": dict(e.body), "hash": e.hash}
            for e in found
        ],
    }
    write(
        run,
        Report(
            f"The last {counted(len(rows), 'entry', 'entries')} of the ledger.", (sheet,), (), document
        ),
        format_,
        output,
    )
