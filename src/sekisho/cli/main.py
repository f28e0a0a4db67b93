"""The root of the command line: global options, and how a run ends."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sekisho import __version__
from sekisho.app.logging import configure
from sekisho.cli.commands import (
    alert,
    audit,
    backup,
    collect,
    collector,
    config,
    contain,
    coverage,
    doctor,
    explain,
    finding,
    fleet,
    ingest,
    init,
    intel,
    investigate,
    learn,
    ledger,
    names,
    notify,
    policy,
    restore,
    simulate,
    sink,
    store,
    watch,
)
from sekisho.cli.session import Session
from sekisho.errors import EXIT_INTERNAL, FileProblems, SekishoError

app = typer.Typer(
    name="sekisho",
    help="Audit the connections between sites against the register of authorised ones.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 done, 1 findings at --fail-on, 2 request or file wrong, 3 input partly "
    "unread, 4 refused by a safety rule, 5 integrity broken, 70 internal error.",
)
for module in (
    init,
    ingest,
    collect,
    collector,
    audit,
    explain,
    finding,
    names,
    investigate,
    intel,
    contain,
    restore,
    fleet,
    notify,
    learn,
    watch,
    alert,
    coverage,
    sink,
    policy,
    ledger,
    store,
    config,
    doctor,
    backup,
    simulate,
):
    module.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sekisho {__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    workspace: Annotated[
        Path | None,
        typer.Option(help="The workspace; else the one this folder is in.", envvar="SEKISHO_WORKSPACE"),
    ] = None,
    color: Annotated[bool, typer.Option(help="Colours on a screen.")] = True,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only results and errors.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what is done.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Find the connection between two sites that nobody authorised."""
    context.obj = Session(workspace, color and "NO_COLOR" not in os.environ, quiet, verbose)
    configure("debug" if verbose else "warning")


def main() -> None:
    """Run one command and leave with its exit status."""
    # What a run reads and finds is many values without cycles: looking for some after each 700 new
    # ones would take a third of an audit.
    gc.set_threshold(100_000, 20, 50)
    try:
        app()
    except SekishoError as error:
        _complain(error)
        sys.exit(error.exit_status)
    except BrokenPipeError:
        # The reader of a pipe went away (`| head`); what it read was right.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; what was committed stays\n")
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - the last line of defence writes a report
        sys.stderr.write(f"internal error: {type(error).__name__}; report: {_report()}\n")
        sys.exit(EXIT_INTERNAL)


def _complain(error: SekishoError) -> None:
    from sekisho.reports.text import printable

    if isinstance(error, FileProblems):
        for problem in error.problems:
            sys.stderr.write(printable(str(problem), keep_newlines=True) + "\n")
        return
    sys.stderr.write(printable(f"error: {error}", keep_newlines=True) + "\n")
    if error.mend:
        sys.stderr.write(printable(f"  help: {error.mend}", keep_newlines=True) + "\n")


def _report() -> Path:
    """Write what a maintainer needs to know; no values of variables, which may be secrets."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    descriptor, name = tempfile.mkstemp(prefix=f"sekisho-{stamp}-", suffix=".txt")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"sekisho {__version__}, Python {sys.version}\n\n")
        file.write(traceback.format_exc())
    return Path(name)
