"""`sekisho audit`: the main job, its records, and what changed between two of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.progress import progress
from sekisho.cli.session import session
from sekisho.cli.times import window
from sekisho.errors import EXIT_FINDINGS, RequestError
from sekisho.reports.base import Column, Report, Sheet
from sekisho.reports.units import counted

app = typer.Typer(invoke_without_command=True)

SinceOption = Annotated[str | None, typer.Option(help="From this day or time (UTC), or 7d ago.")]
UntilOption = Annotated[str | None, typer.Option(help="Until this day (included) or time.")]
SiteOption = Annotated[
    list[str] | None, typer.Option(help="Only with an end in this site; repeatable.")
]
PairOption = Annotated[str | None, typer.Option(help="Only between two sites: 'A <-> B'.")]

_RECORDS = (
    Column("name", "name", "code"),
    Column("at", "recorded", "time"),
    Column("by", "by"),
    Column("policy", "policy", "code"),
)


class FailOn(StrEnum):
    """From which severity on the run ends with 1."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"
    NONE = "none"


def register(root: typer.Typer) -> None:
    """Add the group."""
    root.add_typer(app, name="audit")


def pair_of(text: str | None) -> tuple[str, str] | None:
    """The two sites of `A <-> B`. Raises RequestError."""
    if text is None:
        return None
    left, arrow, right = text.partition("<->")
    if not arrow or not left.strip() or not right.strip():
        raise RequestError(f"{text!r} is no pair of sites", "write it as 'th-plant <-> jp-hq'")
    return left.strip(), right.strip()


@app.callback()
def audit_command(
    context: typer.Context,
    since: SinceOption = None,
    until: UntilOption = None,
    site: SiteOption = None,
    pair: PairOption = None,
    fail_on: Annotated[FailOn | None, typer.Option(help="End with 1 from this severity on.")] = None,
    limit: Annotated[
        int, typer.Option(help="Findings in the table; the other formats give all.", min=1)
    ] = 25,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Find the connections that nobody authorised, since when, how much moved, which rule came nearest.

    Judges each flow by the rules and the inventory of its own time. Without --since and --until all
    the evidence is judged. A day without records is no quiet day: coverage is part of the answer.
    """
    if context.invoked_subcommand is not None:
        return
    from sekisho.app import audit as use
    from sekisho.reports.inventory import summarise

    run = session(context)
    workspace = run.workspace()
    now = run.now()
    begin, end = window(since, until, now)
    with progress(run) as step:
        audited = use.run_audit(
            workspace,
            begin=begin,
            end=end,
            now=now,
            by=run.who(),
            sites=site or (),
            pair=pair_of(pair),
            step=step,
        )
    document, found = audited.document, audited.register.inventory
    inventory = summarise(found.sites.values(), found.sensors.values())
    write(run, document, format_, output, inventory=inventory, limit=limit)
    if use.fails(document, use.threshold_of(workspace, fail_on)):
        raise typer.Exit(EXIT_FINDINGS)


@app.command("record")
def record_command(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A name for it, such as 2020-Q2.")],
    since: SinceOption = None,
    until: UntilOption = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Audit, and keep the result for an auditor: period, population, hashes, coverage, exceptions."""
    from sekisho.app import records

    run = session(context)
    now = run.now()
    begin, end = window(since, until, now)
    with progress(run) as step:
        record = records.record(
            run.workspace(),
            name,
            begin=begin,
            end=end,
            now=now,
            by=run.who(),
            step=step,
        )
    write(run, record, format_, output)


@app.command("list")
def list_command(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """The audits that were recorded."""
    from sekisho.app import records

    run = session(context)
    kept = records.listed(run.workspace())
    rows = [(one.name, one.at, one.by, one.hashes.get("policy", "")[:12]) for one in kept]
    sheet = Sheet("audit", "", _RECORDS, rows, empty="None yet: `sekisho audit record NAME`.")
    document = {
        "schema": "sekisho.audit-records/1",
        "records": [
            {"name": one.name, "at": one.at, "by": one.by, "document": one.document, **one.hashes}
            for one in kept
        ],
    }
    write(run, Report(f"{counted(len(rows), 'recorded audit')}.", (sheet,), (), document), format_)


@app.command("show")
def show_command(
    context: typer.Context, name: str, format_: FormatOption = Format.TABLE, output: OutputOption = None
) -> None:
    """One recorded audit."""
    from sekisho.app import records

    run = session(context)
    write(run, records.shown(run.workspace(), name), format_, output)


@app.command("diff")
def diff_command(
    context: typer.Context,
    old: Annotated[str, typer.Argument(help="A recorded audit, or an audit's JSON file.")],
    new: Annotated[str, typer.Argument(help="A later one.")],
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Which findings are new, gone and changed between two audits."""
    from sekisho.app import records

    run = session(context)
    write(run, records.compared(run.workspace(), old, new), format_, output)
