"""The main table as CSV (RFC 4180 quoting, a newline at each end, UTF-8, UTC times).

A spreadsheet computes a cell that begins with `=`, `+`, `-`, `@`, a tab or a return (OWASP, CSV
injection). Text from input that begins so gets an apostrophe before it; numbers are never text here.
"""

from __future__ import annotations

import csv
from datetime import datetime
from typing import Any, TextIO

from rich.console import Console

from sekisho.model.findings import rfc3339
from sekisho.reports.base import Cell, Options
from sekisho.reports.formats.stream import encodable, is_utf, stream_of
from sekisho.reports.text import printable
from sekisho.reports.view import View

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # full-width ones count too


def write(view: View[Any], document: Any, out: Console | TextIO, options: Options) -> None:
    """Write the document's table with its header."""
    stream = stream_of(out)
    sheet = view.table(document)
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([column.key for column in sheet.columns])
    exact = is_utf(stream)
    for row in sheet.rows:
        fields = [field(value) for value in row]
        writer.writerow(fields if exact else [encodable(text, stream) for text in fields])


def field(value: Cell) -> str:
    """One field; empty for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return rfc3339(value)
    if not isinstance(value, str):
        return str(value)
    guarded = value.startswith(_FORMULA) or value.lstrip().startswith(_FORMULA)
    return ("'" if guarded else "") + printable(value)
