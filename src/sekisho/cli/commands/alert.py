"""`sekisho alert`: what people say of alerts, and maintenance windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.session import session
from sekisho.cli.times import ahead
from sekisho.cli.times import since as instant
from sekisho.errors import RequestError

if TYPE_CHECKING:
    from datetime import datetime

    from sekisho.state.records import AnswerAction, Maintenance

app = typer.Typer(no_args_is_help=True, help="Alerts of the watch: seen, silent, in maintenance.")
windows = typer.Typer(no_args_is_help=True, help="Times in which alerts are kept but not told.")
app.add_typer(windows, name="maintenance")

Which = Annotated[str, typer.Argument(metavar="ALERT", help="Its id, or the beginning of it.")]
Why = Annotated[str, typer.Option(help="In words that an auditor can use.")]


def register(root: typer.Typer) -> None:
    """Add the group."""
    root.add_typer(app, name="alert")


@app.command("list")
def list_command(
    context: typer.Context,
    every: Annotated[
        bool, typer.Option("--all", help="Those that are answered, muted or over too.")
    ] = False,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Alerts that nobody answered, the worst first."""
    from sekisho.app import alerts as use

    run = session(context)
    document = use.listed(run.workspace(), now=run.now(), every=every)
    write(run, document, format_, output, limit=50)


@app.command("show")
def show_command(context: typer.Context, alert: Which, format_: FormatOption = Format.TABLE) -> None:
    """One alert with its connections, and everything that was said of it."""
    from sekisho.app import alerts as use
    from sekisho.model.findings import rfc3339
    from sekisho.watch.alerts import AlertsDocument

    run = session(context)
    found, said = use.shown(run.workspace(), alert, now=run.now())
    write(run, AlertsDocument(alerts=(found,)), format_)
    if format_ is Format.TABLE:
        for one in said:
            end = f" until {rfc3339(one.until)[:16]}Z" if one.until else ""
            run.say(f"{rfc3339(one.at)[:16]}Z  {one.by}: {one.action}{end}  {one.why}")


def _answer(
    context: typer.Context,
    alert: str,
    action: AnswerAction,
    *,
    why: str,
    end: str | None = None,
) -> None:
    from sekisho.app import alerts as use

    run = session(context)
    now = run.now()
    found = use.answer(
        run.workspace(), alert, action, now=now, by=run.who(), why=why, until=ahead(end, now)
    )
    run.say(f"{found.id}: {found.status}")


@app.command("ack")
def ack_command(context: typer.Context, alert: Which, why: Why) -> None:
    """Somebody looks at it: told again only when it becomes something else."""
    _answer(context, alert, "acknowledge", why=why)


@app.command("snooze")
def snooze_command(
    context: typer.Context,
    alert: Which,
    why: Why,
    until: Annotated[str, typer.Option(help="Until this day (included) or time, or 8h from now.")],
) -> None:
    """Be silent for a time; told again when it goes on after that, or becomes something else."""
    _answer(context, alert, "snooze", why=why, end=until)


@app.command("reopen")
def reopen_command(context: typer.Context, alert: Which, why: Why) -> None:
    """Take back what was said of it."""
    _answer(context, alert, "reopen", why=why)


@windows.command("list")
def windows_command(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """Every window, those that are over too."""
    from sekisho.app import alerts as use
    from sekisho.reports.base import Column, Report, Sheet
    from sekisho.reports.units import counted

    run = session(context)
    now = run.now()
    found = use.maintenance(run.workspace())
    columns = (
        Column("name", "Name", "code"),
        Column("state", "State"),
        Column("begin", "From", "time"),
        Column("end", "Until", "time"),
        Column("scope", "Of"),
        Column("by", "By"),
        Column("why", "Why"),
    )
    rows = [(w.name, _state(w, now), w.begin, w.end, _scope(w), w.by, w.why) for w in reversed(found)]
    document = {
        "schema": "sekisho.maintenance/1",
        "windows": [
            {"name": w.name, "state": _state(w, now), "from": w.begin, "until": w.end}
            | {"by": w.by, "why": w.why}
            | dict(w.scope)
            for w in found
        ],
    }
    headline = f"{counted(len(found), 'maintenance window')}."
    write(run, Report(headline, (Sheet("window", "", columns, rows, ""),), (), document), format_)


@windows.command("set")
def set_command(
    context: typer.Context,
    why: Why,
    end: Annotated[str, typer.Option("--until", help="Until this day (included) or time, or 8h long.")],
    begin: Annotated[str | None, typer.Option("--from", help="From this time; else now.")] = None,
    site: Annotated[list[str] | None, typer.Option(help="An end is at this site.")] = None,
    link: Annotated[list[str] | None, typer.Option(help="Between two: 'th-plant <-> jp-hq'.")] = None,
    host: Annotated[list[str] | None, typer.Option(help="An address, prefix or hostname.")] = None,
    rule: Annotated[list[str] | None, typer.Option(help="The nearest rule has this id.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Everything, where nothing is named.")] = False,
) -> None:
    """Keep alerts of what is named silent for a time; what goes on after it is told then."""
    from sekisho.app import alerts as use
    from sekisho.model.findings import rfc3339

    run = session(context)
    now = run.now()
    first = instant(begin, now) or now
    last = ahead(end, first)
    if last is None:
        raise RequestError("a window has an end", "--until 8h, or a time")
    made = use.set_maintenance(
        run.workspace(),
        use.Scope(site or (), link or (), host or (), rule or ()),
        begin=first,
        end=last,
        now=now,
        by=run.who(),
        why=why,
        everything=every,
    )
    run.say(f"{made.name}: {rfc3339(made.begin)[:16]}Z until {rfc3339(made.end)[:16]}Z, {_scope(made)}")


@windows.command("end")
def end_command(context: typer.Context, name: Annotated[str, typer.Argument()]) -> None:
    """End a window now."""
    from sekisho.app import alerts as use

    run = session(context)
    ended = use.end_maintenance(run.workspace(), name, now=run.now(), by=run.who())
    run.say(f"{ended.name}: over")


def _state(window: Maintenance, now: datetime) -> str:
    if window.end <= max(now, window.begin):
        return "over"
    return "now" if window.begin <= now else "to come"


def _scope(window: Maintenance) -> str:
    parts = [f"{kind[:-1]} {name}" for kind, names in window.scope.items() for name in names]
    return ", ".join(parts) or "everything"
