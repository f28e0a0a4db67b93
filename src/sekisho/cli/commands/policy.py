"""`sekisho policy`: the register as people work on it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.progress import progress
from sekisho.cli.session import session
from sekisho.cli.times import since as since_of
from sekisho.cli.times import until as until_of
from sekisho.cli.times import window
from sekisho.errors import EXIT_REQUEST, RequestError
from sekisho.reports.base import Column, Report, Sheet
from sekisho.reports.units import counted

app = typer.Typer(no_args_is_help=True, help="The register: lint, test, explain, compare, propose.")

Cap4 = Annotated[int, typer.Option(help="Never a wider IPv4 prefix than this.", min=20, max=32)]
Cap6 = Annotated[int, typer.Option(help="Never a wider IPv6 prefix than this.", min=116, max=128)]
_PROPOSALS = (
    Column("id", "id", "code"),
    Column("allow", "allow", "code"),
    Column("connections", "connections", "count"),
    Column("notes", "before you sign"),
)


def register(root: typer.Typer) -> None:
    """Add the group."""
    root.add_typer(app, name="policy")


@app.command("lint")
def lint_command(
    context: typer.Context,
    days: Annotated[
        int | None, typer.Option(help="Warn of rules that expire within so many days.", min=0)
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with 2 for warnings too, not for errors alone.")
    ] = False,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """What is wrong with the register: what cannot be read, and what nobody should sign.

    Rules that are never used are told by the evidence in the lake; without any, nothing is said of it.
    """
    from sekisho.app import policy as use
    from sekisho.reports.documents import problems_document

    run = session(context)
    with progress(run) as step:
        problems = use.linted(run.workspace(), days=days, now=run.now(), by=run.who(), step=step)
    write(run, problems_document(problems, "register"), format_, output)
    if problems and (strict or any(problem.level == "error" for problem in problems)):
        raise typer.Exit(EXIT_REQUEST)


@app.command("test")
def claims_command(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """Run the register's own tests; 2 where one does not hold."""
    from sekisho.app import policy as use

    run = session(context)
    document = use.tested(run.workspace(), now=run.now())
    write(run, document, format_)
    if document.failed:
        raise typer.Exit(EXIT_REQUEST)


@app.command("explain")
def explain_command(
    context: typer.Context,
    src: Annotated[str, typer.Argument(help="An address, hostname, site/group or site.")],
    dst: Annotated[str, typer.Argument(help="The same.")],
    service: Annotated[str, typer.Argument(help="tcp/443, icmp, or a named service.")],
    at: Annotated[str | None, typer.Option(help="At this day or time (UTC); now if not said.")] = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Whether the register permits a connection at a time, and which rule says so."""
    from sekisho.app import policy as use

    run = session(context)
    now = run.now()
    explanation = use.explain(
        run.workspace(), src, dst, service, at=since_of(at, now) or now, now=now, by=run.who()
    )
    write(run, explanation, format_)


@app.command("diff")
def diff_command(
    context: typer.Context,
    old: Annotated[str, typer.Argument(help="A policy file, a folder, or a kept version's hash.")],
    new: Annotated[
        str | None, typer.Argument(help="The same; without it the register as it stands.")
    ] = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Which connections change verdict, and what becomes permitted or ceases to be: not which lines."""
    from sekisho.app import policy as use

    run = session(context)
    with progress(run) as step:
        document = use.compared(run.workspace(), old, new, now=run.now(), step=step)
    write(run, document, format_, output, limit=50)


@app.command("import")
def import_command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A CSV: source, destination, service, owner …")],
    out: Annotated[Path | None, typer.Option(help="Write the proposed rules to this new file.")] = None,
    cap_v4: Cap4 = 28,
    cap_v6: Cap6 = 124,
) -> None:
    """Turn a spreadsheet or a firewall's export into proposed rules. They authorise nothing yet."""
    from sekisho.app import policy as use
    from sekisho.policy.ends import Limits

    run = session(context)
    written = use.imported(run.workspace(), file, output=out, limits=Limits(v4=cap_v4, v6=cap_v6))
    rows = [(p.rule.id, p.rule.allow, p.connections, "; ".join(p.notes)) for p in written.proposals]
    headline = (
        f"{counted(len(rows), 'proposed rule')} in {written.path}. They authorise nothing until signed."
    )
    notes = tuple(str(problem) for problem in written.problems)
    write(run, Report(headline, (Sheet("rule", "", _PROPOSALS, rows),), notes), Format.TABLE)


@app.command("suggest")
def suggest_command(
    context: typer.Context,
    since: Annotated[str | None, typer.Option(help="From this day or time (UTC), or 7d ago.")] = None,
    until: Annotated[str | None, typer.Option(help="Until this day (included) or time.")] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(help="Window of an incident, FROM..TO: nothing is suggested from it. Repeatable."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the proposed rules to this new file.")] = None,
    cap_v4: Cap4 = 28,
    cap_v6: Cap6 = 124,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Propose rules from what was observed, never wider than a cap, each with its witness flows.

    They authorise nothing until an owner signs them. Existing groups come first; scanners, attempts
    and what happened in an incident's window are left out and counted.
    """
    from sekisho.app import policy as use
    from sekisho.policy.ends import Limits

    run = session(context)
    now = run.now()
    begin, end = window(since, until, now)
    with progress(run) as step:
        document, path = use.suggested(
            run.workspace(),
            begin=begin,
            end=end,
            excluded=[_window(text, now) for text in exclude or ()],
            limits=Limits(v4=cap_v4, v6=cap_v6),
            output=out,
            step=step,
        )
    rows = [(p.id, p.allow, p.connections, "; ".join(p.notes)) for p in document.proposals]
    of = counted(document.observed, "connection")
    headline = f"{counted(len(rows), 'proposed rule')} for {document.covered:,} of {of}."
    if path is not None:
        headline += f" In {path}; they authorise nothing until signed."
    left = tuple(f"Left out: {one.connections:,} {one.text}." for one in document.left_out)
    sheet = Sheet("rule", "", _PROPOSALS, rows, empty="Nothing to propose.")
    write(run, Report(headline, (sheet,), left, document), format_)


def _window(text: str, now: datetime) -> tuple[datetime, datetime]:
    first, dots, last = text.partition("..")
    begin, end = since_of(first, now), until_of(last or None, now)
    if not dots or begin is None or end is None or begin >= end:
        raise RequestError(f"{text!r} is no window", "write FROM..TO, such as 2020-05-20..2020-06-11")
    return begin, end


@app.command("render")
def render_command(
    context: typer.Context,
    gateway: Annotated[str, typer.Option(help="A gateway of gateways.yaml.")],
    out: Annotated[Path, typer.Option(help="The folder to write to.")],
    platform: Annotated[
        str | None, typer.Option(help="For this platform; the gateway's own if not said.")
    ] = None,
) -> None:
    """Write the register as what a gateway enforces: between its sites, only what rules permit now.

    Nothing is delivered. It stands beside restrictions, which only ever remove.
    """
    from sekisho.app.containing.segments import render_policy

    run = session(context)
    written = render_policy(run.workspace(), gateway, platform, out, now=run.now(), by=run.who())
    for path in written.files.values():
        run.say(str(path))
    for note in written.notes:
        run.note(note)


@app.command("versions")
def versions_command(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """The registers that were in use, and since when."""
    from sekisho.app import versions

    run = session(context)
    found = versions.listed(run.workspace())
    columns = (
        Column("kind", "what"),
        Column("sha256", "version", "code"),
        Column("seen_at", "in use since", "time"),
        Column("by", "first used by"),
    )
    rows = [(v.kind, v.sha256[:12], v.seen_at, v.by) for v in found]
    sheet = Sheet("version", "", columns, rows, empty="None yet: they are kept by the first audit.")
    document = {
        "schema": "sekisho.versions/1",
        "versions": [
            {"kind": v.kind, "sha256": v.sha256, "seen_at": v.seen_at, "by": v.by} for v in found
        ],
    }
    write(run, Report(f"{counted(len(rows), 'kept version')}.", (sheet,), (), document), format_)


@app.command("accept-retroactive")
def accept_command(
    context: typer.Context,
    rule: Annotated[str, typer.Argument(help="The rule's id.")],
    why: Annotated[str, typer.Option(help="In words that an auditor can use.")],
) -> None:
    """As a second person, let a rule excuse what happened before it was written down."""
    from sekisho.app import versions

    run = session(context)
    versions.accept_retroactive(run.workspace(), rule, why=why, now=run.now(), by=run.who())
    run.say(f"{rule}: accepted for all of its validity")


@app.command("recertify")
def recertify_command(
    context: typer.Context,
    rules: Annotated[list[str], typer.Argument(metavar="RULE", help="The ids of rules.")],
    site: Annotated[str, typer.Option(help="The site whose owner confirms them.")],
    by: Annotated[str, typer.Option(help="That owner, as sites.yaml names it.")],
    why: Annotated[str, typer.Option(help="In words that an auditor can use.")] = "",
) -> None:
    """Confirm for a site's owner that rules are needed still, as they stand now.

    A link whose rules the owners of both sites have not confirmed since it was cut is not given back.
    """
    from sekisho.app.recertifying import recertify

    run = session(context)
    said = recertify(run.workspace(), rules, site, by, now=run.now(), by=run.who(), why=why)
    for one in said:
        run.say(f"{one.rule}: recertified at {one.site} by {one.owner}")
