"""`sekisho learn`: what was learned from an incident, and what is done about it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.progress import progress
from sekisho.cli.session import session
from sekisho.errors import RequestError

app = typer.Typer(
    no_args_is_help=True, help="After an incident: lessons, actions closed by evidence, VERIS coding."
)
Which = Annotated[str, typer.Argument(metavar="INCIDENT", help="Its id: INC-3, or 3.")]


def register(root: typer.Typer) -> None:
    """Add the group."""
    root.add_typer(app, name="learn")


@app.command("show")
def show_command(
    context: typer.Context,
    incident: Which,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Lessons, actions and what is overdue, and how the incident is coded."""
    from sekisho.app.learning.acting import learned
    from sekisho.reports.learning import learning_report

    run = session(context)
    document = learned(run.workspace(), incident, now=run.now())
    write(run, learning_report(document), format_, output)


@app.command("lesson")
def lesson_command(
    context: typer.Context,
    incident: Which,
    text: Annotated[str, typer.Argument(help="What was learned.")],
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Write down a lesson."""
    from sekisho.app.learning.acting import add_lesson
    from sekisho.reports.learning import learning_report

    run = session(context)
    document = add_lesson(run.workspace(), incident, text, now=run.now(), by=run.who())
    write(run, learning_report(document), format_, output)


@app.command("action")
def action_command(
    context: typer.Context,
    incident: Which,
    text: Annotated[str, typer.Argument(help="What is to be done.")],
    owner: Annotated[str, typer.Option(help="Who does it.")],
    due: Annotated[str, typer.Option(help="The last day: 2020-12-31.")],
    lesson: Annotated[str | None, typer.Option(help="Which lesson it comes of: L-1.")] = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Write down what is done about it, by whom, until when."""
    from sekisho.app.learning.acting import add_action
    from sekisho.reports.learning import learning_report

    run = session(context)
    try:
        day = date.fromisoformat(due)
    except ValueError:
        raise RequestError(f"`{due[:40]}` is no day", "--due 2020-12-31") from None
    document = add_action(
        run.workspace(),
        incident,
        text,
        owner=owner,
        due=day,
        lesson=lesson,
        now=run.now(),
        by=run.who(),
    )
    write(run, learning_report(document), format_, output)


@app.command("close")
def close_command(
    context: typer.Context,
    incident: Which,
    action: Annotated[str, typer.Argument(help="Its id: A-1.")],
    evidence: Annotated[
        str,
        typer.Option(help="audit:NAME, campaign:NAME, test:'deny: A -> B : tcp/445', or file:PATH."),
    ],
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Close an action. Without evidence that is there, holds, and is newer than it, it stays open."""
    from sekisho.app.learning.closing import close
    from sekisho.reports.learning import learning_report

    run = session(context)
    document = close(run.workspace(), incident, action, evidence, now=run.now(), by=run.who())
    write(run, learning_report(document), format_, output)


@app.command("veris")
def veris_command(
    context: typer.Context,
    incident: Which,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=WORDS", help="Code a field; `FIELD=` empties it."),
    ] = None,
    take: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD", help="Confirm what is proposed for a field; may be repeated."),
    ] = None,
    propose: Annotated[
        bool,
        typer.Option("--propose", help="Show what the incident itself suggests; nothing is taken."),
    ] = False,
    words: Annotated[bool, typer.Option("--words", help="Which fields and words there are.")] = False,
    record: Annotated[
        Path | None, typer.Option(help="Write the VERIS record alone to this file.")
    ] = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Code the incident in VERIS: actors, actions, assets, attributes, times, how it was found."""
    from sekisho.app.learning import coding
    from sekisho.app.writing import whole
    from sekisho.reports.learning import veris_report

    run = session(context)
    if words:
        _words(context, format_, output)
        return
    if sum((bool(set_), bool(take), propose)) > 1:
        raise RequestError("say one of them", "--set, --take or --propose")
    now, by = run.now(), run.who()
    if set_:
        document = coding.confirm(run.workspace(), incident, set_, now=now, by=by)
    elif take or propose:
        with progress(run) as step:
            document = (
                coding.take(run.workspace(), incident, take, now=now, by=by, step=step)
                if take
                else coding.proposed(run.workspace(), incident, now=now, by=by, step=step)
            )
    else:
        document = coding.shown(run.workspace(), incident)
    if record is not None:
        with whole(record) as part:
            part.write_text(json.dumps(document.record, indent=2) + "\n", encoding="utf-8")
        run.note(f"wrote {record}")
    write(run, veris_report(document), format_, output)


def _words(context: typer.Context, format_: Format, output: Path | None) -> None:
    from sekisho.notify.learning.veris import veris
    from sekisho.reports.base import Column, Report, Sheet

    rows = tuple(
        (name, "a day" if field.day else ", ".join(field.words or field.span))
        for name, field in veris().fields.items()
    )
    columns = (Column("field", "Field"), Column("words", "Words"))
    note = f"VERIS {veris().version}; several words with commas, amounts as `S - File=2`"
    report = Report(f"{len(rows)} fields.", (Sheet("field", "", columns, rows),), (note,))
    write(session(context), report, format_, output)
