"""`sekisho fleet`: which terminals there are, and where each stands."""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sekisho.cli.commands import fleet_campaigns, fleet_hunt, fleet_packs, fleet_serve, fleet_sigma
from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.progress import progress
from sekisho.cli.session import session
from sekisho.cli.times import ahead
from sekisho.errors import PartlyRead, RequestError
from sekisho.model.terminals import STATES

if TYPE_CHECKING:
    from datetime import datetime

    from sekisho.model.fleet import FleetDocument
    from sekisho.model.terminals import FleetAction

app = typer.Typer(no_args_is_help=True, help="Terminals: import them, check each, account for each.")

Which = Annotated[str, typer.Argument(metavar="HOST", help="Hostname, UUID, address or id (T-…).")]
Why = Annotated[str, typer.Option(help="In words that an auditor can use.")]


class State(StrEnum):
    """Where a terminal may stand, in the order of precedence."""

    EXCLUDED = "excluded"
    CHECKED_FINDINGS = "checked_findings"
    CHECKED_CLEAN = "checked_clean"
    CHECKED_MANUALLY = "checked_manually"
    CHECK_FAILED = "check_failed"
    IN_PROGRESS = "in_progress"
    REBUILT = "rebuilt"
    OFFLINE = "offline"
    NEVER_ENROLLED = "never_enrolled"


def register(root: typer.Typer) -> None:
    """Add the group."""
    fleet_campaigns.register(app)
    fleet_hunt.register(app)
    fleet_packs.register(app)
    fleet_sigma.register(app)
    fleet_serve.register(app)
    root.add_typer(app, name="fleet")


@app.command("import")
def import_command(
    context: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="Lists, collections, or folders of them.")
    ],
    columns: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=COLUMN", help="hostname='Device name'; may be repeated."),
    ] = None,
    host: Annotated[
        str, typer.Option(metavar="NAME", help="Whose files these are, where nothing in them says so.")
    ] = "",
    again: Annotated[
        bool,
        typer.Option("--again", help="Read known files anew, by columns, rules and indicators of now."),
    ] = False,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Take in lists of terminals (CSV, LDIF), and what was collected from them.

    Collections are osquery result logs, NDJSON of other tools, Velociraptor's offline ZIPs, KAPE's folders and
    ZIPs, event logs (EVTX); with --host any files of one machine.

    A file counts once, by its content. Rows that cannot be read are set aside with their place (exit 3).
    """
    from sekisho.app.checking.intake import take_in
    from sekisho.reports.fleet import import_report

    run = session(context)
    with progress(run) as step:
        document = take_in(
            run.workspace(),
            paths,
            now=run.now(),
            by=run.who(),
            columns=_columns(columns or ()),
            host=host,
            again=again,
            step=step,
        )
    write(run, import_report(document), format_, output, limit=50)
    aside = sum(f.aside for f in document.files)
    if aside:
        shown = [text for f in document.files for text in f.problems][:20]
        more = [f"and {aside - len(shown)} more: --format json"] if aside > len(shown) else []
        were = "row or file was" if aside == 1 else "rows or files were"
        raise PartlyRead(f"{aside:,} {were} set aside", "\n        ".join([*shown, *more]))


@app.command("status")
def status_command(
    context: typer.Context,
    site: Annotated[str | None, typer.Option(help="Only terminals of this site.")] = None,
    state: Annotated[State | None, typer.Option(help="List the terminals in this state.")] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Again and again, until nothing is left or Ctrl-C.")
    ] = False,
    every: Annotated[float, typer.Option(min=1, help="Seconds between two looks.")] = 10.0,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """How many terminals are in each state, by site; the states add up to the inventory.

    With --watch how fast it goes just now, and when it is done at that; in a pipe a line each time.
    """
    from sekisho.app.checking.standing import status
    from sekisho.reports.fleet import fleet_report

    run = session(context)
    wanted = None if state is None else STATES[STATES.index(state.value)]
    if not watch:
        document = status(run.workspace(), now=run.now(), site=site, state=wanted)
        write(run, fleet_report(document), format_, output, limit=50)
        return
    if format_ is not Format.TABLE or output is not None:
        raise RequestError("--watch shows a table", "leave --format and --output out")
    from sekisho.cli.commands.fleet_watching import follow, show

    def shown(document: FleetDocument) -> None:
        show(run, document, lambda: write(run, fleet_report(document), format_, limit=50))

    with suppress(KeyboardInterrupt):
        follow(
            lambda: status(run.workspace(), now=run.now(), site=site, state=wanted),
            shown,
            now=run.now,
            every=every,
        )


@app.command("show")
def show_command(
    context: typer.Context,
    host: Which,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """One terminal: every attempt, answer, decision and gap, and which rows were taken for it."""
    from sekisho.app.checking.standing import shown
    from sekisho.reports.fleet import terminal_report

    run = session(context)
    write(run, terminal_report(shown(run.workspace(), host, now=run.now())), format_, output, limit=50)


@app.command("report")
def report_command(
    context: typer.Context,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """By site and country: what is checked, what was found, what is left and why."""
    from sekisho.app.checking.reporting import report
    from sekisho.reports.fleet import fleet_book

    run = session(context)
    write(run, fleet_book(report(run.workspace(), now=run.now())), format_, output, limit=50)


@app.command("checks")
def checks_command(
    context: typer.Context, format_: FormatOption = Format.TABLE, output: OutputOption = None
) -> None:
    """The checks there are; as JSON, a pack for osquery that asks what they read."""
    from sekisho.fleet.checks.registry import CHECKS, pack, reads
    from sekisho.reports.base import Column, Report, Sheet

    rows = [(c.name, ", ".join(reads(c)), "yes" if c.queries else "no") for c in CHECKS.values()]
    columns = (Column("check", "Check"), Column("reads", "Reads"), Column("osquery", "By osquery"))
    sheet = Sheet("check", "", columns, rows)
    write(session(context), Report(f"{len(rows)} checks.", (sheet,), (), pack()), format_, output)


@app.command("exclude")
def exclude_command(
    context: typer.Context,
    host: Which,
    why: Why,
    until: Annotated[
        str | None, typer.Option(help="A day or time, or 90d; without it for good.")
    ] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="End an exclusion.")] = False,
) -> None:
    """Leave a terminal out of the check, saying why and until when."""
    run = session(context)
    if withdraw and until is not None:
        raise RequestError("--withdraw ends an exclusion now", "leave --until out")
    end = None if until is None else ahead(until, run.now())
    _decide(context, host, "include" if withdraw else "exclude", why, until=end)


@app.command("checked")
def checked_command(
    context: typer.Context,
    host: Which,
    evidence: Annotated[Path, typer.Option(help="The file that shows it; it is kept whole.")],
    why: Why,
) -> None:
    """Record a check by hand, for what takes no agent: controllers, storage, printers."""
    _decide(context, host, "checked", why, evidence=evidence)


@app.command("rebuilt")
def rebuilt_command(context: typer.Context, host: Which, why: Why) -> None:
    """Record that a terminal was set up anew: what it answered before does not count any more."""
    _decide(context, host, "rebuilt", why)


@app.command("merge")
def merge_command(
    context: typer.Context,
    host: Which,
    other: Annotated[str, typer.Argument(help="The terminal that is the same machine.")],
    why: Why,
) -> None:
    """Record that two terminals are one machine."""
    _decide(context, host, "merge", why, other=other)


def _decide(
    context: typer.Context,
    host: str,
    action: FleetAction,
    why: str,
    *,
    until: datetime | None = None,
    evidence: Path | None = None,
    other: str | None = None,
) -> None:
    from sekisho.app.checking.deciding import decide
    from sekisho.reports.fleet import terminal_report

    run = session(context)
    document = decide(
        run.workspace(),
        host,
        action,
        now=run.now(),
        by=run.who(),
        why=why,
        until=until,
        evidence=evidence,
        other=other,
    )
    write(run, terminal_report(document), Format.TABLE, limit=50)


def _columns(given: list[str] | tuple[str, ...]) -> dict[str, str]:
    from sekisho.fleet.registers.base import FIELDS as LISTED

    fields = (*LISTED, "table")

    found = {}
    for text in given:
        field, equals, column = text.partition("=")
        if not equals or field not in fields:
            raise RequestError(
                f"--columns {text}", f"FIELD=COLUMN, and FIELD is one of {', '.join(fields)}"
            )
        found[field] = column
    return found
