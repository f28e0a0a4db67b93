"""`sekisho investigate inquiry INCIDENT`: ask every site, and note what each answered."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.session import Session, session
from sekisho.cli.times import ahead
from sekisho.errors import RequestError

if TYPE_CHECKING:
    from datetime import datetime

    from sekisho.model.incident_state import InquiryDocument

app = typer.Typer(
    no_args_is_help=True, help="Ask every site: who was asked, by when, and what each answered."
)

Due = Annotated[
    str | None, typer.Option(help="By this time (UTC unless it has a zone), or 72h from now.")
]


class Result(StrEnum):
    """What an answer is taken for."""

    ANSWERED = "answered"
    CLEARED = "cleared"
    AFFECTED = "affected"


@app.callback()
def inquiry_callback(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="Its id: INC-3, or 3.")],
) -> None:
    """Ask every site: who was asked, by when, and what each answered.

    Each site is in exactly one state: not asked, asked, answered, overdue, cleared or affected.
    """
    context.meta[__name__] = incident


@app.command("start")
def start_command(
    context: typer.Context,
    question: Annotated[str, typer.Option(help="What every site is asked.")],
    due: Annotated[str, typer.Option(help="When answers are due, or how long from now: 72h.")] = "72h",
    format_: FormatOption = Format.TABLE,
) -> None:
    """Begin an inquiry; nobody is asked yet."""
    from sekisho.app.investigating.inquiring import start

    run = session(context)
    now = run.now()
    document = start(
        run.workspace(),
        _incident(context),
        question=question,
        due=_due(due, now),
        now=now,
        by=run.who(),
    )
    _write(run, document, format_, None)


@app.command("ask")
def ask_command(
    context: typer.Context,
    site: Annotated[
        list[str] | None, typer.Option(help="This site; may be repeated. Without: all not asked yet.")
    ] = None,
    contact: Annotated[str, typer.Option(help="Who was asked, else the site's owner.")] = "",
    due: Due = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Note that sites were asked; how the question travels is up to you."""
    from sekisho.app.investigating.inquiring import ask

    run = session(context)
    now = run.now()
    document = ask(
        run.workspace(),
        _incident(context),
        sites=site or (),
        contact=contact,
        due=None if due is None else _due(due, now),
        now=now,
        by=run.who(),
    )
    _write(run, document, format_, None)


@app.command("answer")
def answer_command(
    context: typer.Context,
    site: Annotated[str, typer.Argument(metavar="SITE")],
    result: Annotated[
        Result, typer.Option(help="What it is taken for; `answered` where nobody has weighed it yet.")
    ] = Result.ANSWERED,
    text: Annotated[str, typer.Option(help="What they said.")] = "",
    file: Annotated[
        Path | None, typer.Option(help="What they sent; a copy is kept with the incident.")
    ] = None,
    contact: Annotated[str, typer.Option(help="Who answered.")] = "",
    format_: FormatOption = Format.TABLE,
) -> None:
    """Note a site's answer as evidence: text, or a file under its SHA-256."""
    from sekisho.app.investigating.inquiring import Said, answer

    run = session(context)
    said = Said(site, result.value, text, file, contact)
    document = answer(run.workspace(), _incident(context), said, now=run.now(), by=run.who())
    _write(run, document, format_, None)


@app.command("status")
def status_command(
    context: typer.Context, format_: FormatOption = Format.TABLE, output: OutputOption = None
) -> None:
    """Every site and its state, with due times in UTC and on the site's own clock."""
    from sekisho.app.investigating.inquiring import status

    run = session(context)
    document = status(run.workspace(), _incident(context), now=run.now())
    _write(run, document, format_, output)


def _incident(context: typer.Context) -> str:
    return str(context.meta[__name__])


def _due(text: str, now: datetime) -> datetime:
    due = ahead(text, now)
    if due is None:
        raise RequestError("say when answers are due", "--due 72h")
    return due


def _write(run: Session, document: InquiryDocument, format_: Format, output: Path | None) -> None:
    from sekisho.reports.incidents import inquiry_report

    write(run, inquiry_report(document), format_, output)
