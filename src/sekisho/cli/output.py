"""Writing a result: in which format, to the screen or to a file."""

from __future__ import annotations

import sys
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sekisho.cli.session import Session
from sekisho.errors import RequestError

if TYPE_CHECKING:
    from sekisho.reports.base import Tlp
    from sekisho.reports.inventory import InventorySummary


class Format(StrEnum):
    """How a result is written."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    HTML = "html"


class PrintedFormat(StrEnum):
    """How a result is written that people also print and sign."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    HTML = "html"
    PDF = "pdf"


FormatOption = Annotated[Format, typer.Option("--format", "-f", help="How to write the result.")]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write to this file, whole or not at all.")
]


def printable_to(format_: StrEnum, output: Path | None) -> None:
    """Raise RequestError for a format that only a file can hold; a verb asks before it works for long."""
    if format_.value == "pdf" and output is None:
        raise RequestError("a PDF is a file", "--output report.pdf")


def write(
    session: Session,
    document: Any,
    format_: StrEnum,
    output: Path | None = None,
    *,
    limit: int | None = None,
    inventory: InventorySummary | None = None,
    tlp: Tlp = "amber",
) -> None:
    """Render a document to the screen, or to a file that appears only once it is whole.

    The settings say in which time zone people read it, and what it calls the company.
    """
    from sekisho.app.writing import whole
    from sekisho.cli.console import flush, silence
    from sekisho.reports.base import Options
    from sekisho.reports.registry import render
    from sekisho.reports.units import Times

    printable_to(format_, output)
    company, zone = session.readers()
    options = Options(
        now=session.now(),
        company=company,
        limit=limit,
        inventory_summary=inventory,
        times=Times(zone),
        tlp=tlp,
        color=None if session.color else False,
    )
    if output is None:
        try:
            render(document, format_.value, session.out(), options)
        except BrokenPipeError:
            silence(sys.stdout)
        flush()
        return
    if format_.value == "pdf":
        from sekisho.reports.pdf import pdf

        page = StringIO()
        render(document, "html", page, options)
        with whole(output) as part:
            part.write_bytes(pdf(page.getvalue(), session.note))
    else:
        with whole(output) as part, part.open("w", encoding="utf-8") as file:
            render(document, format_.value, file, options)
    session.note(f"wrote {output}")


def write_text(session: Session, text: str, output: Path | None = None) -> None:
    """Write text as it is, to the screen or to a file that appears only once it is whole."""
    from sekisho.app.writing import whole

    if output is None:
        typer.echo(text, nl=False)
        return
    with whole(output) as part:
        part.write_bytes(text.encode())
    session.note(f"wrote {output}")
