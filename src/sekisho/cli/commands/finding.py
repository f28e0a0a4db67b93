"""`sekisho finding`: what people decided about findings, with who, why and until when."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.progress import progress
from sekisho.cli.session import Session, session
from sekisho.cli.times import ahead

if TYPE_CHECKING:
    from sekisho.model.findings import AuditDocument, Life
    from sekisho.state.records import Action

app = typer.Typer(no_args_is_help=True, help="The life of findings: who decided what, and why.")

Which = Annotated[str, typer.Argument(metavar="FINDING", help="Its id, or the beginning of it.")]
Why = Annotated[str, typer.Option(help="In words that an auditor can use.")]


class Status(StrEnum):
    """Where a finding is in its life."""

    OPEN = "open"
    ACCEPTED = "accepted"
    FALSE_POSITIVE = "false_positive"
    CLOSED = "closed"
    ALL = "all"


def register(root: typer.Typer) -> None:
    """Add the group."""
    root.add_typer(app, name="finding")


def _current(run: Session) -> AuditDocument:
    from sekisho.app import findings as use

    with progress(run) as step:
        return use.current(run.workspace(), now=run.now(), by=run.who(), step=step)


@app.command("list")
def list_command(
    context: typer.Context,
    status: Annotated[Status, typer.Option(help="Only those that are so.")] = Status.OPEN,
    assignee: Annotated[str | None, typer.Option(help="Only those that are with this person.")] = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Findings of all the evidence as the register stands, worst first."""
    from sekisho.reports.documents import FindingsDocument

    run = session(context)
    document = _current(run)
    chosen = tuple(
        f
        for f in document.findings
        if status in (Status.ALL, f.life.status) and assignee in (None, f.life.assignee)
    )
    write(run, FindingsDocument(findings=chosen, notes=document.notes), format_, output, limit=50)


@app.command("show")
def show_command(context: typer.Context, finding: Which, format_: FormatOption = Format.TABLE) -> None:
    """One finding, and everything that was decided about it."""
    from sekisho.app import findings as use
    from sekisho.model.findings import rfc3339
    from sekisho.reports.documents import FindingsDocument

    run = session(context)
    found = use.find(_current(run), finding)
    write(run, FindingsDocument(findings=(found,)), format_)
    if format_ is Format.TABLE:
        for event in use.history(run.workspace(), found.id):
            until = f" until {_last_day(event.until)}" if event.until else ""
            to = f" to {event.assignee}" if event.assignee else ""
            run.say(f"{rfc3339(event.at)[:16]}Z  {event.by}: {event.action}{to}{until}  {event.why}")


def _decide(
    context: typer.Context,
    finding: str,
    action: Action,
    *,
    why: str = "",
    until: str | None = None,
    assignee: str | None = None,
) -> None:
    from sekisho.app import findings as use

    run = session(context)
    now = run.now()
    found = use.find(_current(run), finding)
    life = use.decide(
        run.workspace(),
        found,
        action,
        now=now,
        by=run.who(),
        why=why,
        until=ahead(until, now),
        assignee=assignee,
    )
    run.say(f"{found.id}: {_said(life)}")


def _last_day(until: datetime) -> str:
    """The last day (UTC) on which it holds: `until` itself is excluded."""
    return f"{until - timedelta(microseconds=1):%Y-%m-%d}"


def _said(life: Life) -> str:
    text = life.status.replace("_", " ")
    if life.until:
        text += f" until {_last_day(life.until)}"
    if life.assignee:
        text += f", assigned to {life.assignee}"
    return text


@app.command("assign")
def assign_command(
    context: typer.Context, finding: Which, person: Annotated[str, typer.Argument()], why: Why = ""
) -> None:
    """Say who looks at it."""
    _decide(context, finding, "assign", assignee=person, why=why)


@app.command("accept")
def accept_command(
    context: typer.Context,
    finding: Which,
    why: Why,
    until: Annotated[
        str | None,
        typer.Option(help="Until this day (included), or 90d from now; else as the settings say."),
    ] = None,
) -> None:
    """Live with it for a time; then it opens again by itself."""
    _decide(context, finding, "accept", why=why, until=until)


@app.command("false-positive")
def false_positive_command(context: typer.Context, finding: Which, why: Why) -> None:
    """Say that it is none, and why."""
    _decide(context, finding, "false_positive", why=why)


@app.command("close")
def close_command(context: typer.Context, finding: Which, why: Why) -> None:
    """It was dealt with; seen again later, it opens again."""
    _decide(context, finding, "close", why=why)


@app.command("reopen")
def reopen_command(context: typer.Context, finding: Which, why: Why) -> None:
    """Take back what was decided."""
    _decide(context, finding, "reopen", why=why)
