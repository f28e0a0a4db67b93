"""`sekisho ledger`: the record of evidence and decisions."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli.output import Format, FormatOption, OutputOption, write, write_text
from sekisho.cli.session import session
from sekisho.errors import EXIT_INTEGRITY, EXIT_REQUEST, RequestError
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
_WITNESSES = (Column("witness", "witness", "code"), Column("state", "state"), Column("text", "what"))
SHOWN = 160
"""Characters of an entry's body in the table; the other formats give all of it."""


def register(root: typer.Typer) -> None:
    """Add the group."""
    root.add_typer(app, name="ledger")


@app.command("verify")
def verify_command(
    context: typer.Context,
    heads: Annotated[
        list[Path] | None,
        typer.Option("--head", help="Signed heads that were kept elsewhere; several times."),
    ] = None,
    keys: Annotated[
        list[str] | None,
        typer.Option("--key", help="The key as you know it from elsewhere; several times."),
    ] = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Check every entry and link; 0 only when the ledger is whole, 5 where it is not.

    It is held against the heads that were signed, kept here and in the file that sekisho.toml names.
    Only a --head or --key from elsewhere shows that not all of it was written anew.
    """
    from sekisho.app import ledger

    run = session(context)
    given = [head for path in heads or () for head in ledger.read_heads(path)]
    trusted = [ledger.read_public(key) for key in keys or ()]
    found = ledger.verify(run.workspace(), heads=given, keys=trusted)
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
        "signed": found.signed,
        "unfinished_bytes": found.unfinished,
        "flaws": [dict(zip(("code", "line", "seq", "text"), row, strict=True)) for row in rows],
    }
    notes = [f"Head: entry {found.head.seq}, {found.head.hash or 'none'}."]
    if found.signed:
        notes.append(f"Signed heads agree with it up to entry {found.signed}.")
        notes = notes if found.whole else notes[:1]
    elif trusted:
        notes.append("No head was signed yet, so there was nothing to hold the key against.")
    if found.unfinished:
        notes.append(
            f"{found.unfinished:,} bytes of an entry that was never acknowledged stand after it;"
            " the next entry sets them aside."
        )
    if found.entries and not (given or trusted or ledger.witness_file(run.workspace())):
        notes.append(
            "It was held against what is kept beside it alone, which whoever wrote it anew would have"
            " written too: give a --head or --key from elsewhere."
        )
    notes += [
        f"Entry {key.seq} names a new key that the one before it did not sign."
        for key in found.keys
        if key.vouched is False
    ]
    write(
        run,
        Report(headline, (Sheet("flaw", "", _FLAWS, rows, empty=""),), tuple(notes), document),
        format_,
    )
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


@app.command("prove")
def prove_command(
    context: typer.Context,
    entry: Annotated[
        str | None, typer.Argument(help="Its number, or the beginning of its hash.")
    ] = None,
    head: Annotated[
        Path | None,
        typer.Option(help="A published head to prove from, the last in the file; else one signed now."),
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option("--from", help="Prove instead that the head continues the last one in this file."),
    ] = None,
    output: OutputOption = None,
) -> None:
    """Prove that an entry is in a signed head, or that one head continues another.

    The proof is JSON that the program in an export checks, without the ledger.
    """
    from sekisho.app import ledger_proofs
    from sekisho.ledger.proofs import document

    run = session(context)
    if (entry is None) == (start is None):
        raise RequestError("name one: an ENTRY, or --from FILE", "sekisho ledger prove --help")
    if start is not None:
        proof = ledger_proofs.prove_beginning(
            run.workspace(), start, head=head, now=run.now(), by=run.who()
        )
    else:
        proof = ledger_proofs.prove_entry(
            run.workspace(), str(entry), head=head, now=run.now(), by=run.who()
        )
    write_text(run, document(proof), output)


@app.command("export")
def export_command(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")],
) -> None:
    """Hand the ledger over: entries, signed heads, and the one program that verifies them."""
    from sekisho.app import ledger_proofs

    run = session(context)
    head = ledger_proofs.hand_over(run.workspace(), folder, now=run.now(), by=run.who())
    run.note(
        f"{folder}: {counted(head.checkpoint.size, 'entry', 'entries')}; to check it anywhere:\n"
        "  python3 verify.py ledger.jsonl --signed heads.txt"
    )


@app.command("publish")
def publish_command(
    context: typer.Context,
    again: Annotated[bool, typer.Option(help="Also to witnesses that have this head.")] = False,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Verify, sign the head, and give it to every witness that [ledger] names.

    Run it from cron. Status 0 only when every witness has the head.
    """
    from sekisho.app.ledger_publishing import publish
    from sekisho.app.sinks import Surroundings

    run = session(context)
    workspace = run.workspace()
    around = Surroundings(workspace.root, os.environ, run.now, sys.stdout.buffer)
    found = publish(workspace, around, by=run.who(), again=again)
    checkpoint = found.head.checkpoint
    names = ("witness", "state", "text")
    rows = [(one.witness, one.state, one.text) for one in found.outcomes]
    document = {
        "schema": "sekisho.ledger-published/1",
        "head": {
            "entries": checkpoint.size,
            "root": checkpoint.root.hex(),
            "note": found.head.note.decode(),
            "key": found.head.key,
        },
        "witnesses": [dict(zip(names, row, strict=True)) for row in rows],
    }
    entries = counted(checkpoint.size, "entry", "entries")
    headline = f"The head of {entries} is published."
    if not found.done:
        missing = sum(1 for one in found.outcomes if one.state == "failed")
        headline = f"The head of {entries} did not reach {counted(missing, 'witness', 'witnesses')}."
    write(run, Report(headline, (Sheet("witness", "", _WITNESSES, rows, ""),), (), document), format_)
    if not found.done:
        raise typer.Exit(EXIT_REQUEST)


@app.command("key")
def key_command(context: typer.Context) -> None:
    """The public key that signs heads; made on first use. Give it to whoever will verify."""
    from sekisho.app.ledger_proofs import current_key

    run = session(context)
    found = current_key(run.workspace(), now=run.now(), by=run.who())
    sys.stdout.write(f"{found.written}\n")
    run.note(f"named by entry {found.seq}")


@app.command("rotate")
def rotate_command(
    context: typer.Context,
    to: Annotated[
        Path | None, typer.Option(help="The new key, PKCS #8 in PEM; else one is made in data/ledger.")
    ] = None,
    lost: Annotated[
        bool, typer.Option(help="The old key is gone and cannot sign the new one. It stays visible.")
    ] = False,
) -> None:
    """Replace the key: the old one signs the new one in the ledger, and counts no more."""
    from sekisho.app.ledger_proofs import replace_key

    run = session(context)
    found = replace_key(run.workspace(), to, lost=lost, now=run.now(), by=run.who())
    sys.stdout.write(f"{found.written}\n")
    run.note(f"named by entry {found.seq}; give it to whoever verifies")
