"""One JSON object a line; each says in `record` what it is."""

from __future__ import annotations

from typing import Any, TextIO

from rich.console import Console

from sekisho.reports.base import Options
from sekisho.reports.formats.stream import json_text, stream_of
from sekisho.reports.view import View


def write(view: View[Any], document: Any, out: Console | TextIO, options: Options) -> None:
    """Write the document's records."""
    stream = stream_of(out)
    for line in view.lines(document):
        stream.write(json_text(line, stream) + "\n")
