"""Headline, tables and notes as Markdown, for a record that is filed as text."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, TextIO

from rich.console import Console

from sekisho.model.sizes import size
from sekisho.reports.base import Cell, Column, Options
from sekisho.reports.formats.stream import encodable, stream_of
from sekisho.reports.text import printable
from sekisho.reports.units import Times, count
from sekisho.reports.view import View

_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~!&])")


def write(view: View[Any], document: Any, out: Console | TextIO, options: Options) -> None:
    """Write the document; nothing from input is markup or HTML."""
    stream = stream_of(out)
    lines = [f"# {quoted(options.title)}", ""] if options.title else []
    lines += [quoted(view.headline(document, options.times)), ""]
    for sheet in view.sheets(document):
        if sheet.title:
            lines += [f"## {quoted(sheet.title)}", ""]
        if not sheet.rows:
            lines += [quoted(sheet.empty), ""]
            continue
        lines.append(_row([quoted(column.title) for column in sheet.columns]))
        lines.append(_row(["--:" if c.kind in ("count", "bytes") else "---" for c in sheet.columns]))
        for row in sheet.rows:
            pairs = zip(sheet.columns, row, strict=True)
            lines.append(_row([quoted(_text(column, value, options.times)) for column, value in pairs]))
        lines.append("")
    lines += [f"- {quoted(note)}" for note in view.notes(document)]
    stream.write(encodable("\n".join(lines).rstrip() + "\n", stream))


def quoted(text: str) -> str:
    """Text that Markdown shows as it is (CommonMark 2.4, backslash escapes)."""
    return _SIGNS.sub(r"\\\1", printable(text))


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _text(column: Column, value: Cell, times: Times) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{times.minute(value)} {times.label}"
    if isinstance(value, float):
        return f"{value:,.1f}"
    if isinstance(value, int):
        return size(value) if column.kind == "bytes" else count(value)
    return value
