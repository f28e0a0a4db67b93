"""The published document as JSON, indented by two."""

from __future__ import annotations

from typing import Any, TextIO

from rich.console import Console

from sekisho.reports.base import Options
from sekisho.reports.formats.stream import json_text, stream_of
from sekisho.reports.view import View


def write(view: View[Any], document: Any, out: Console | TextIO, options: Options) -> None:
    """Write the document and a newline."""
    stream = stream_of(out)
    stream.write(json_text(view.payload(document), stream) + "\n")
