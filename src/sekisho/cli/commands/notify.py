"""`sekisho notify`: who must be told of an incident, by when, and whether they were."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli.commands import notify_papers
from sekisho.cli.output import Format, FormatOption, OutputOption, write, write_text
from sekisho.cli.progress import progress
from sekisho.cli.session import session
from sekisho.cli.times import since
from sekisho.errors import EXIT_REQUEST, RequestError, SekishoError

app = typer.Typer(
    no_args_is_help=True, help="Duties to notify: laws, facts, clocks, deliveries. No legal advice."
)
Which = Annotated[str, typer.Argument(metavar="INCIDENT", help="Its id: INC-3, or 3.")]


class ClocksFormat(StrEnum):
    """How `clocks` is written."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    HTML = "html"
    ICS = "ics"


def register(root: typer.Typer) -> None:
    """Add the group."""
    notify_papers.register(app)
    root.add_typer(app, name="notify")


@app.command("obligations")
def obligations_command(
    context: typer.Context,
    obligation: Annotated[list[str] | None, typer.Argument(help="Only these ids.")] = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """The laws that come with the program, and your own in `obligations/*.yaml` beside them.

    `confirmed` stands only where the text of the law was read; all others follow somebody's account of it.
    """
    from sekisho.app.notifying.obligations import listed
    from sekisho.reports.notices import obligations_report

    run = session(context)
    document = listed(run.workspace(), obligation or ())
    write(run, obligations_report(document), format_, output)


@app.command("lint")
def lint_command(
    context: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files to examine; all in force if not said.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with 2 for warnings too, not for errors alone.")
    ] = False,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """What is wrong, or doubtful, in files of obligations, with line, column and mend."""
    from sekisho.app.notifying.obligations import lint
    from sekisho.reports.documents import problems_document

    run = session(context)
    try:
        workspace = run.workspace()
    except SekishoError:
        if not files:
            raise
        workspace = None
    problems = lint(workspace, files or (), today=run.now().date())
    write(run, problems_document(problems, "obligations"), format_, output)
    if problems and (strict or any(problem.level == "error" for problem in problems)):
        raise typer.Exit(EXIT_REQUEST)


@app.command("facts")
def facts_command(
    context: typer.Context,
    incident: Which,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Record a fact; `unknown` takes it back."),
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="Since when it is known; a time without a value is that time.")
    ] = None,
    source: Annotated[str, typer.Option(help="Where it is known from.")] = "",
    propose: Annotated[
        bool,
        typer.Option("--propose", help="Show what the incident itself suggests; nothing is taken."),
    ] = False,
    names: Annotated[bool, typer.Option("--names", help="Which facts there are.")] = False,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Facts of an incident: who knew what and when, people and data, determinations.

    `--set aware --at 2020-06-11T09:00+09:00` records a time, `--set people.JP=1200` a count. Of facts that
    contradict each other the latest counts, and the others stay in view.
    """
    from sekisho.app.notifying.facts import proposed, record, shown
    from sekisho.reports.notices import facts_report

    run = session(context)
    if names:
        _names(context, format_, output)
        return
    now = run.now()
    if set_:
        if propose:
            raise RequestError("proposals are never taken", "leave --propose, or --set, away")
        document = record(
            run.workspace(),
            incident,
            set_,
            now=now,
            by=run.who(),
            at=since(at, now),
            source=source,
        )
    elif propose:
        with progress(run) as step:
            document = proposed(run.workspace(), incident, now=now, by=run.who(), step=step)
    else:
        document = shown(run.workspace(), incident)
    write(run, facts_report(document), format_, output)


def _names(context: typer.Context, format_: Format, output: Path | None) -> None:
    from sekisho.notify.vocabulary import FACTS, FAMILIES
    from sekisho.reports.base import Column, Report, Sheet

    rows: list[tuple[str, str, str]] = [
        (name, fact.kind, ", ".join((fact.says, *fact.choices))) for name, fact in FACTS.items()
    ]
    rows += [(f"{name}.…", fact.kind, fact.says) for name, fact in FAMILIES.items()]
    rows.append(
        ("NAME.PLACE", "as NAME", "the same of one place alone: aware.PH, risk.EU, acquired.US-CA")
    )
    columns = (Column("name", "Fact"), Column("kind", "Kind"), Column("says", "What it says"))
    write(
        session(context),
        Report(f"{len(rows)} facts.", (Sheet("fact", "", columns, rows),)),
        format_,
        output,
    )


@app.command("clocks")
def clocks_command(
    context: typer.Context,
    incident: Which,
    at: Annotated[str | None, typer.Option(help="As of then, with what was known then.")] = None,
    if_: Annotated[
        list[str] | None,
        typer.Option("--if", metavar="NAME=VALUE", help="What would change; nothing is recorded."),
    ] = None,
    obligation: Annotated[
        list[str] | None, typer.Option(help="Only this obligation; may be repeated.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Those that do not apply too, and why.")] = False,
    format_: Annotated[
        ClocksFormat, typer.Option("--format", "-f", help="How to write the result.")
    ] = ClocksFormat.TABLE,
    output: OutputOption = None,
) -> None:
    """What is due to whom by when.

    A clock counts from its own anchor and no other, and says which fact is missing. `ics` is for calendars.
    """
    from sekisho.app.notifying.clocks import ask
    from sekisho.reports.notices import clocks_report

    run = session(context)
    now = run.now()
    document = ask(
        run.workspace(),
        incident,
        now=now,
        at=since(at, now),
        assumed=if_ or (),
        only=obligation or (),
    )
    if format_ is ClocksFormat.ICS:
        from sekisho.notify.calendar import icalendar

        write_text(run, icalendar(document), output)
        return
    write(run, clocks_report(document, every=all_), format_, output)
