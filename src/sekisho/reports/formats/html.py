"""One self-contained page."""

from __future__ import annotations

from typing import Any, TextIO

from rich.console import Console

from sekisho.reports.base import Options
from sekisho.reports.formats.stream import stream_of
from sekisho.reports.html.sheets import render_sheets
from sekisho.reports.view import View


def write(view: View[Any], document: Any, out: Console | TextIO, options: Options) -> None:
    """Write the page. What the stream cannot encode becomes character references, as HTML allows."""
    stream = stream_of(out)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    page = view.page(document, options)
    if page is None:
        head, notes = view.headline(document, options.times), view.notes(document)
        page = render_sheets(head, view.sheets(document), notes, options)
    stream.write(page.encode(encoding, "xmlcharrefreplace").decode(encoding))
