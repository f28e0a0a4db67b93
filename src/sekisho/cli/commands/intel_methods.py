"""The verbs of `sekisho intel` about how intruders go about it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from sekisho.cli.commands.audit import SinceOption, UntilOption
from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.session import session
from sekisho.cli.times import window


class MethodsFormat(StrEnum):
    """How techniques are written."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    HTML = "html"
    NAVIGATOR = "navigator"


SiteOption = Annotated[list[str] | None, typer.Option(help="Only this site; may be repeated.")]
TacticOption = Annotated[
    list[str] | None, typer.Option(help="Only this tactic, as lateral-movement; may be repeated.")
]
DomainOption = Annotated[
    str | None, typer.Option(help="enterprise-attack, ics-attack: where several are here.")
]
LIMIT = 200
"""Techniques on a screen."""
SOURCES = 8
"""Sources on a screen of which most is missing."""
LayerOption = Annotated[MethodsFormat, typer.Option("--format", "-f", help="How to write the result.")]


def register(app: typer.Typer) -> None:
    """Add the verbs to the group."""
    app.command("techniques")(techniques_command)
    app.command("gaps")(gaps_command)
    app.command("exploited")(exploited_command)
    app.command("changes")(changes_command)
    app.command("brief")(brief_command)


def techniques_command(
    context: typer.Context,
    site: SiteOption = None,
    tactic: TacticOption = None,
    domain: DomainOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    format_: LayerOption = MethodsFormat.TABLE,
    output: OutputOption = None,
) -> None:
    """Techniques of coming in, moving on, control and taking out, by ATT&CK: what here could show each, at
    which sites that is on record, what looks for it, when that was last exercised, and what is missing.

    Sigma rules, of terminals and of the network, count as `fleet sigma rules` says they stand; one that cannot
    be asked says why.

    Needs ATT&CK as a feed (`intel add --kind attack`), or the package of the extra `attack`.
    """
    _write(context, site, tactic, domain, since, until, format_, output, gaps=False)


def gaps_command(
    context: typer.Context,
    site: SiteOption = None,
    tactic: TacticOption = None,
    domain: DomainOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Each technique with what it lacks, not only what lacks most.")
    ] = False,
    format_: LayerOption = MethodsFormat.TABLE,
    output: OutputOption = None,
) -> None:
    """Only the techniques for which something is missing: nothing that could show it, nothing of that on record
    at a site, or nothing that looks for it.

    On the screen the sources and sites come first of which most is missing; other formats have each technique.
    """
    limit = None if all_ else SOURCES
    _write(context, site, tactic, domain, since, until, format_, output, gaps=True, limit=limit)


def exploited_command(
    context: typer.Context,
    site: SiteOption = None,
    since: Annotated[
        str | None, typer.Option(help="Added to the catalogue since this day, or 30d ago.")
    ] = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Vulnerabilities that are exploited (CISA KEV) and whose product is installed on terminals here, with due
    dates, and by which words the product was known. The catalogue says no versions.
    """
    from sekisho.app.methods.exploited import exploited
    from sekisho.reports.exploited import exploited_report

    run = session(context)
    now = run.now()
    begin, _ = window(since, None, now)
    document = exploited(run.workspace(), now=now, sites=tuple(site or ()), since=begin)
    write(run, exploited_report(document), format_, output, limit=100)


def changes_command(
    context: typer.Context,
    old: Annotated[
        str | None,
        typer.Option("--from", help="A version (17.1) or a bundle's file; else the one before."),
    ] = None,
    new: Annotated[
        str | None, typer.Option("--to", help="A version or a bundle's file; else the one that counts.")
    ] = None,
    domain: DomainOption = None,
    since: Annotated[
        str | None, typer.Option(help="Advisories that came since this day, or 30d ago; else all.")
    ] = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """What a new version of ATT&CK has that the one before had not, and advisories: what is new, whom it
    concerns here, what to do."""
    from sekisho.app.methods.changes import changes
    from sekisho.reports.briefs import changes_report

    run = session(context)
    now = run.now()
    begin, _ = window(since, None, now)
    document = changes(run.workspace(), now=now, old=old, new=new, domain=domain, since=begin)
    write(run, changes_report(document), format_, output, limit=200)


class BriefFormat(StrEnum):
    """How a brief is written."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    HTML = "html"
    MARKDOWN = "markdown"


def brief_command(
    context: typer.Context,
    month: Annotated[
        str | None, typer.Option(help="The month, as 2026-10 (UTC); else the one that is over.")
    ] = None,
    format_: Annotated[
        BriefFormat, typer.Option("--format", "-f", help="How to write the result.")
    ] = BriefFormat.TABLE,
    output: OutputOption = None,
) -> None:
    """What is new in a month: techniques, indicators, exploited vulnerabilities, rules, advisories; whom each
    concerns here, and what to do.

    That nothing is new and that no feed was refreshed are different answers.
    """
    from datetime import timedelta

    from sekisho.app.methods.briefing import brief
    from sekisho.reports.briefs import brief_report

    run = session(context)
    now = run.now()
    asked = month or f"{now.replace(day=1) - timedelta(days=1):%Y-%m}"
    write(run, brief_report(brief(run.workspace(), asked, now=now)), format_, output, limit=100)


def _write(
    context: typer.Context,
    site: list[str] | None,
    tactic: list[str] | None,
    domain: str | None,
    since: str | None,
    until: str | None,
    format_: MethodsFormat,
    output: OutputOption,
    *,
    gaps: bool,
    limit: int | None = LIMIT,
) -> None:
    from sekisho.app.methods.standing import methods

    run = session(context)
    now = run.now()
    begin, end = window(since, until, now)
    document = methods(
        run.workspace(),
        now=now,
        gaps=gaps,
        sites=tuple(site or ()),
        tactics=tuple(tactic or ()),
        domain=domain,
        begin=begin,
        end=end,
    )
    write(run, document, format_, output, limit=limit)
