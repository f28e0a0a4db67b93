"""`sekisho investigate`: findings worked on together, from opening to closing."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sekisho.cli.commands import inquiry
from sekisho.cli.output import Format, FormatOption, OutputOption, printable_to, write
from sekisho.cli.progress import progress
from sekisho.cli.session import Session, session
from sekisho.cli.times import ahead, window
from sekisho.errors import EXIT_INTEGRITY
from sekisho.reports.base import Report, Sheet

if TYPE_CHECKING:
    from sekisho.model.incident_state import IncidentDocument

app = typer.Typer(
    no_args_is_help=True, help="Incidents: since when, through what, how far, and what left."
)
app.add_typer(inquiry.app, name="inquiry")

Which = Annotated[str, typer.Argument(metavar="INCIDENT", help="Its id: INC-3, or 3.")]
Why = Annotated[str, typer.Option(help="In words that an auditor can use.")]


_NO_ROWS = Sheet("row", "", (), (), "")


class Status(StrEnum):
    """Which incidents to list."""

    OPEN = "open"
    CLOSED = "closed"
    ALL = "all"


class ShowFormat(StrEnum):
    """How `show` is written: as everything else, or as another program reads it."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    HTML = "html"
    PDF = "pdf"
    TIMESKETCH_CSV = "timesketch-csv"
    TIMESKETCH_JSONL = "timesketch-jsonl"
    STIX = "stix"
    NAVIGATOR = "navigator"
    GRAPHML = "graphml"


class Sharing(StrEnum):
    """The labels of the Traffic Light Protocol."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


def register(root: typer.Typer) -> None:
    """Add the group."""
    root.add_typer(app, name="investigate")


@app.command("open")
def open_command(
    context: typer.Context,
    finding: Annotated[
        list[str] | None, typer.Option(help="A finding's id, or its beginning; may be repeated.")
    ] = None,
    host: Annotated[
        list[str] | None,
        typer.Option(help="An address, REALM:ADDRESS or hostname of assets.csv; may be repeated."),
    ] = None,
    indicator: Annotated[
        list[str] | None,
        typer.Option(help="An address, name, hash or fingerprint from elsewhere; may be repeated."),
    ] = None,
    title: Annotated[str, typer.Option(help="What people call it; else its first seed.")] = "",
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Open an incident: its evidence is held from pruning, and the original bytes behind it are copied.

    A seed that matches nothing is an error that says where was looked and what was not recorded there.
    """
    from sekisho.app.investigating.opening import Asked, open_incident

    run = session(context)
    asked = Asked(finding or (), host or (), indicator or (), title)
    with progress(run) as step:
        document = open_incident(run.workspace(), asked, now=run.now(), by=run.who(), step=step)
    _write(run, document, format_, output)


@app.command("list")
def list_command(
    context: typer.Context,
    status: Annotated[Status, typer.Option(help="Only those that are so.")] = Status.OPEN,
    assignee: Annotated[str | None, typer.Option(help="Only those that are with this person.")] = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Incidents, the latest first."""
    from sekisho.app.investigating.working import listed
    from sekisho.reports.incidents import incidents_report

    run = session(context)
    document = listed(run.workspace(), now=run.now(), status=status.value, assignee=assignee)
    write(run, incidents_report(document), format_, output, limit=50)


@app.command("show")
def show_command(
    context: typer.Context,
    incident: Which,
    since: Annotated[str | None, typer.Option(help="Only evidence from this day, or 30d ago.")] = None,
    until: Annotated[str | None, typer.Option(help="Only evidence until this day, included.")] = None,
    tlp: Annotated[
        Sharing, typer.Option(help="With whom it may be shared; stands on what is handed over.")
    ] = Sharing.AMBER,
    format_: Annotated[
        ShowFormat, typer.Option("--format", "-f", help="How to write the result.")
    ] = ShowFormat.TABLE,
    output: OutputOption = None,
) -> None:
    """Where it began, since when, through what, how far; what was done, and what nobody could see."""
    from sekisho.app.investigating.showing import show

    run = session(context)
    printable_to(format_, output)
    now = run.now()
    begin, end = window(since, until, now)
    with progress(run) as step:
        document = show(
            run.workspace(), incident, now=now, by=run.who(), begin=begin, end=end, step=step
        )
    write(run, document, format_, output, tlp=tlp.value)


@app.command("note")
def note_command(
    context: typer.Context,
    incident: Which,
    text: Annotated[str, typer.Argument()],
    edit: Annotated[
        str | None, typer.Option(metavar="NOTE", help="Change this note: N-2; what it said is kept.")
    ] = None,
) -> None:
    """Write down what was found out, decided or said; it stands in the ledger."""
    from sekisho.app.investigating.working import act

    run = session(context)
    workspace, now, by = run.workspace(), run.now(), run.who()
    if edit is None:
        document = act(workspace, incident, "note", now=now, by=by, text=text)
        run.say(f"{document.id} {document.notebook[-1].id}: noted")
        return
    document = act(workspace, incident, "note_edit", now=now, by=by, text=text, note=edit)
    name = f"N-{edit.upper().removeprefix('N-')}"
    (note,) = (one for one in document.notebook if one.id == name)
    run.say(f"{document.id} {name}: changed, version {len(note.versions)}; the others are kept")


@app.command("task")
def task_command(
    context: typer.Context,
    incident: Which,
    text: Annotated[
        str, typer.Argument(help="What is to be done, or with --done what came of it.")
    ] = "",
    assignee: Annotated[str, typer.Option(help="Who does it.")] = "",
    due: Annotated[str | None, typer.Option(help="By this day (included), or 12h from now.")] = None,
    done: Annotated[str | None, typer.Option(metavar="TASK", help="Finish this task: T-2.")] = None,
) -> None:
    """Add a task, or finish one."""
    from sekisho.app.investigating.working import act

    run = session(context)
    workspace, now, by = run.workspace(), run.now(), run.who()
    if done is not None:
        document = act(workspace, incident, "task_done", now=now, by=by, text=text, task=done)
        task = next(
            t for t in document.tasks if t.id.removeprefix("T-") == done.upper().removeprefix("T-")
        )
        run.say(f"{document.id} {task.id}: done")
        return
    document = act(
        workspace, incident, "task", now=now, by=by, text=text, assignee=assignee, due=ahead(due, now)
    )
    run.say(f"{document.id} {document.tasks[-1].id}: added")


@app.command("assign")
def assign_command(
    context: typer.Context, incident: Which, person: Annotated[str, typer.Argument()], why: Why = ""
) -> None:
    """Say who leads it."""
    from sekisho.app.investigating.working import act

    run = session(context)
    document = act(
        run.workspace(), incident, "assign", now=run.now(), by=run.who(), text=why, assignee=person
    )
    run.say(f"{document.id}: with {document.assignee}")


@app.command("close")
def close_command(
    context: typer.Context,
    incident: Which,
    why: Why,
    release: Annotated[
        bool, typer.Option("--release", help="Let its raw flows be pruned; copies stay.")
    ] = False,
) -> None:
    """Close it. Its evidence stays held unless it is released."""
    from sekisho.app.investigating.working import close

    run = session(context)
    document = close(run.workspace(), incident, now=run.now(), by=run.who(), why=why, release=release)
    pending = [task.id for task in document.tasks if task.done is None]
    left = f"; tasks that were not done: {', '.join(pending)}" if pending else ""
    held = "its evidence stays held" if document.held else "its raw flows may be pruned"
    run.say(f"{document.id}: closed, {held}{left}")


@app.command("reopen")
def reopen_command(context: typer.Context, incident: Which, why: Why) -> None:
    """Open it again, and hold its evidence where that was released."""
    from sekisho.app.investigating.opening import reopen

    run = session(context)
    document = reopen(run.workspace(), incident, now=run.now(), by=run.who(), why=why)
    run.say(f"{document.id}: {document.status}")


@app.command("preserve")
def preserve_command(
    context: typer.Context,
    incident: Which,
    paths: Annotated[
        bool, typer.Option("--paths", help="Hold and copy what lies behind every hop of `show` too.")
    ] = False,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Try again to copy original bytes that are not preserved yet, and list every file."""
    from sekisho.app.investigating.opening import preserve_again
    from sekisho.reports.incidents import every_file, incident_report

    run = session(context)
    with progress(run) as step:
        document = preserve_again(
            run.workspace(), incident, now=run.now(), by=run.who(), paths=paths, step=step
        )
    whole = format_ is not Format.TABLE
    report = incident_report(document, whole=whole)
    if whole:
        sheets = sorted(report.sheets, key=lambda sheet: sheet.name != "file")
        report = replace(report, sheets=tuple(sheets))
    else:
        report = replace(report, sheets=(every_file(document),))
    write(run, report, format_, output)


@app.command("export")
def export_command(
    context: typer.Context,
    incident: Which,
    out: Annotated[Path, typer.Option(help="The zip file to write.")],
    format_: FormatOption = Format.TABLE,
) -> None:
    """Write preserved bytes, answers and the incident's ledger entries to one file that checks by itself."""
    from sekisho.app.investigating.exporting import export
    from sekisho.model.sizes import size
    from sekisho.reports.units import counted

    run = session(context)
    made = export(run.workspace(), incident, out, now=run.now(), by=run.who())
    files = counted(made.files, "file")
    notes = [f"SHA-256 {made.sha256}, noted in the ledger"]
    if made.missing:
        notes.append(
            f"{counted(made.missing, 'original')} could not be preserved; manifest.json names them"
        )
    document = {
        "schema": "sekisho.exported/1",
        "path": str(made.path),
        "sha256": made.sha256,
        "files": made.files,
        "bytes": made.size,
        "missing": made.missing,
        "entries": made.entries,
    }
    entries = counted(made.entries, "ledger entry", "ledger entries")
    headline = f"{made.path}: {files} ({size(made.size)}), {entries}."
    write(run, Report(headline, (_NO_ROWS,), tuple(notes), document), format_)


@app.command("verify")
def verify_command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that `export` wrote.")],
    format_: FormatOption = Format.TABLE,
) -> None:
    """Check an export: every file, every ledger entry; 0 only when it is whole, 5 where it is not."""
    from sekisho.app.investigating.exporting import verify_export
    from sekisho.reports.units import counted

    run = session(context)
    found = verify_export(file)
    whole = "NOT whole" if found.flaws else "whole"
    headline = f"{file} ({found.incident}) is {whole}: {counted(found.files, 'file')}."
    document = {
        "schema": "sekisho.export-check/1",
        "incident": found.incident,
        "whole": not found.flaws,
        "files": found.files,
        "entries": found.entries,
        "flaws": list(found.flaws),
    }
    write(run, Report(headline, (_NO_ROWS,), found.flaws, document), format_)
    if found.flaws:
        raise typer.Exit(EXIT_INTEGRITY)


def _write(run: Session, document: IncidentDocument, format_: Format, output: Path | None) -> None:
    from sekisho.reports.incidents import incident_report

    whole = format_ is not Format.TABLE
    write(run, incident_report(document, whole=whole), format_, output)
