"""Tables on a terminal, or the same in plain text."""

from __future__ import annotations

from typing import Any, TextIO

from rich.console import Console

from sekisho.reports.base import Options
from sekisho.reports.screen import Screen
from sekisho.reports.view import View


def write(view: View[Any], document: Any, out: Console | TextIO, options: Options) -> None:
    """Show the document."""
    view.show(document, Screen(out, options))
