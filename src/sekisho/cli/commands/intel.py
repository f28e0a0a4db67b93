"""`sekisho intel`: feeds of indicators, and the hunt for them in all history."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from sekisho.cli.commands import intel_methods
from sekisho.cli.commands.audit import SinceOption, UntilOption
from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.progress import progress
from sekisho.cli.session import session
from sekisho.cli.times import window
from sekisho.errors import PartlyRead

app = typer.Typer(no_args_is_help=True, help="What others have seen intruders use, looked for here.")
intel_methods.register(app)


class Kind(StrEnum):
    """What a feed is written in, or the server it comes from."""

    LIST = "list"
    CSV = "csv"
    ABUSE_CH = "abuse_ch"
    STIX = "stix"
    TAXII = "taxii"
    MISP = "misp"
    KEV = "kev"
    ATTACK = "attack"
    SIGMA = "sigma"
    ADVISORIES = "advisories"


class Label(StrEnum):
    """With whom a feed may be shared."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber+strict"
    RED = "red"


def register(root: typer.Typer) -> None:
    """Add the group."""
    root.add_typer(app, name="intel")


@app.command("add")
def add_command(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What the feed is called here.")],
    kind: Annotated[Kind, typer.Option(help="What it is written in, or the server it comes from.")],
    licence: Annotated[str, typer.Option(help="On which terms it may be used.")],
    url: Annotated[str | None, typer.Option(help="Where it is fetched from.")] = None,
    path: Annotated[str | None, typer.Option(help="A file, relative to the workspace.")] = None,
    package: Annotated[
        bool, typer.Option("--package", help="attack: out of the package of the extra `attack`.")
    ] = False,
    tlp: Annotated[Label, typer.Option(help="With whom it may be shared.")] = Label.CLEAR,
    confidence: Annotated[int, typer.Option(help="How far it is believed.", min=0, max=100)] = 50,
    expires_after: Annotated[
        str | None,
        typer.Option(help="How long an indicator counts, as 30d, after it was last stood by."),
    ] = None,
    collection: Annotated[str | None, typer.Option(help="taxii: id, alias or title.")] = None,
    user: Annotated[str | None, typer.Option(help="Who signs in.")] = None,
    secret_env: Annotated[
        str | None, typer.Option(help="The environment variable that holds its secret.")
    ] = None,
    value: Annotated[str | None, typer.Option(help="csv: the column of values.")] = None,
) -> None:
    """Write a feed into intel.yaml; `refresh` then fetches it."""
    from sekisho.app.hunting.registry import add_feed

    said: dict[str, object] = {
        "kind": kind.value,
        "url": url,
        "path": path,
        "package": package or None,
        "licence": licence,
        "tlp": tlp.value,
        "confidence": confidence,
        "expires_after": expires_after,
        "collection": collection,
        "user": user,
        "secret": {"env": secret_env} if secret_env else None,
        "value": value,
    }
    run = session(context)
    written = add_feed(run.workspace(), name, {k: v for k, v in said.items() if v is not None})
    run.note(f"wrote {name} into {written.name}: fetch it with `sekisho intel refresh {name}`")


@app.command("list")
def list_command(
    context: typer.Context, format_: FormatOption = Format.TABLE, output: OutputOption = None
) -> None:
    """How every feed stands: its age, its indicators, and what of it was set aside."""
    from sekisho.app.hunting.registry import listed
    from sekisho.reports.hunting import feeds_report

    run = session(context)
    write(run, feeds_report(listed(run.workspace(), run.now())), format_, output, limit=100)


@app.command("refresh")
def refresh_command(
    context: typer.Context,
    feeds: Annotated[
        list[str] | None, typer.Argument(metavar="FEED…", help="Only these; else all that are enabled.")
    ] = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Fetch feeds, and read those that are files.

    A feed that cannot be had keeps what was fetched before, and its age (exit 3).
    """
    from sekisho.app.hunting.refreshing import refresh
    from sekisho.reports.hunting import feeds_report

    run = session(context)
    with progress(run) as step:
        document = refresh(run.workspace(), tuple(feeds or ()), now=run.now(), step=step)
    write(run, feeds_report(document), format_, output, limit=100)
    failed = [one for one in document.feeds if one.error]
    if failed:
        said = "\n        ".join(f"{one.name}: {one.error}" for one in failed[:20])
        raise PartlyRead(f"{len(failed)} of {len(document.feeds)} feeds could not be refreshed", said)


@app.command("hunt")
def hunt_command(
    context: typer.Context,
    feed: Annotated[list[str] | None, typer.Option(help="Only this feed; may be repeated.")] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: Annotated[int, typer.Option(help="At most so many matches.", min=1, max=100_000)] = 10_000,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Look for all indicators in everything on record: addresses in flows, and names, hashes and fingerprints
    where logs carry them.

    Connections that are found are findings of the next `audit`. What has expired is shown and raises nothing.
    """
    from sekisho.app.hunting.hunting import run_hunt
    from sekisho.reports.hunting import hunt_report

    run = session(context)
    now = run.now()
    begin, end = window(since, until, now)
    document = run_hunt(
        run.workspace(), feeds=tuple(feed or ()), begin=begin, end=end, now=now, limit=limit
    )
    write(run, hunt_report(document), format_, output, limit=50)
