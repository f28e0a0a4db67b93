"""Plain tables as a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sekisho.model.sizes import size
from sekisho.reports.base import Cell, Column, Options, Sheet
from sekisho.reports.html.page import render
from sekisho.reports.units import Times, count


def render_sheets(
    headline: str, sheets: Sequence[Sheet], notes: Sequence[str], options: Options
) -> str:
    """One self-contained file: the sentence, the tables, the notes."""
    times = options.times
    return render(
        "sheets.html.j2",
        style="report.css",
        title=options.titled("Sekisho"),
        headline=headline,
        made=f"{times.minute(options.now)} {times.label}" if options.now else "",
        sheets=[prepared(sheet, times) for sheet in sheets],
        notes=notes,
    )


def prepared(sheet: Sheet, times: Times) -> dict[str, Any]:
    """A table as `_table.html.j2` takes it."""
    return {
        "title": sheet.title,
        "empty": sheet.empty,
        "columns": sheet.columns,
        "rows": [
            [cell(column, value, times) for column, value in zip(sheet.columns, row, strict=True)]
            for row in sheet.rows
        ],
    }


def cell(column: Column, value: Cell, times: Times) -> str:
    """A value as text; the template escapes it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return times.minute(value)
    if isinstance(value, int):
        return size(value) if column.kind == "bytes" else count(value)
    return f"{value:,.1f}" if isinstance(value, float) else value
