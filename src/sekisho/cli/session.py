"""What every command is given: where the workspace is, who is asking, and how to write."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from sekisho.app.workspace import Workspace


@dataclass(slots=True)
class Session:
    """The global options of one run."""

    directory: Path | None = None
    color: bool = True
    quiet: bool = False
    verbose: bool = False

    def workspace(self) -> Workspace:
        """The workspace named by `--workspace`, else the one the person stands in."""
        from sekisho.app.logging import configure
        from sekisho.app.workspace import find
        from sekisho.errors import SekishoError

        found = find(Path.cwd(), self.directory)
        # Wrong settings are told by what needs them: `doctor` and `config` must get that far.
        with suppress(SekishoError):
            chosen = found.settings(os.environ).settings.logging
            configure("debug" if self.verbose else chosen.level, chosen.format)
        return found

    def who(self) -> str:
        """The person asking, as the ledger will name them."""
        from sekisho.app.settings.document import who

        return who(self.workspace().settings(os.environ).settings, os.environ)

    def readers(self) -> tuple[str, tzinfo]:
        """What reports call the company, and the zone in which people read times.

        Without a workspace, or with settings that cannot be read, no name and UTC.
        """
        from sekisho.errors import SekishoError

        with suppress(SekishoError):
            found = self.workspace().settings(os.environ).settings
            return found.name, UTC if found.timezone == "UTC" else ZoneInfo(found.timezone)
        return "", UTC

    def now(self) -> datetime:
        """The clock, read at the rim only."""
        return datetime.now(UTC)

    def out(self) -> Console:
        """Where results go. In a pipe: 80 columns unless COLUMNS says otherwise, no colour."""
        return _console(sys.stdout.isatty() and self.color, stderr=False)

    def err(self) -> Console:
        """Where progress, notes and errors go."""
        return _console(sys.stderr.isatty() and self.color, stderr=True)

    def say(self, text: str) -> None:
        """A result that is one line; a line break or whatever else a terminal obeys is spelled out in it."""
        _print(self.out(), text)

    def note(self, text: str) -> None:
        """A line for the person that is no part of the result."""
        if not self.quiet:
            _print(self.err(), text)


def _print(console: Console, text: str) -> None:
    from sekisho.reports.text import printable

    console.print(printable(text), markup=False, highlight=False, soft_wrap=True)


def _console(color: bool, *, stderr: bool) -> Console:
    from sekisho.cli.console import PatientConsole

    stream_is_tty = (sys.stderr if stderr else sys.stdout).isatty()
    width = None if stream_is_tty else int(os.environ.get("COLUMNS", "80") or "80")
    return PatientConsole(stderr=stderr, no_color=not color, highlight=False, width=width)


def session(context: typer.Context) -> Session:
    """The session that the root command made."""
    found = context.find_object(Session)
    if found is None:  # a command called without the root, as tests may
        found = Session()
        context.obj = found
    return found
