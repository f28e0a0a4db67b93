"""`sekisho fleet campaign`: ask the fleet, stage by stage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.session import session
from sekisho.cli.times import ahead
from sekisho.errors import RequestError

if TYPE_CHECKING:
    from sekisho.model.campaigns import CampaignAction


class OrNew(TyperGroup):
    """`campaign NAME` begins one, like `campaign new NAME` does."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """See click."""
        # Options may stand before the name; only help is the group's own.
        if args and args[0] not in self.commands and "--help" not in args:
            args = ["new", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    no_args_is_help=True, cls=OrNew, help="Campaigns: ask every terminal, stage by stage."
)

Name = Annotated[str, typer.Argument(help="What it is called.")]
Why = Annotated[str, typer.Option(help="In words that an auditor can use.")]


def register(group: typer.Typer) -> None:
    """Add the group."""
    group.add_typer(app, name="campaign")


@app.command("new")
def new_command(
    context: typer.Context,
    name: Name,
    why: Why,
    check: Annotated[
        list[str] | None,
        typer.Option(help="A check that it asks, all of them without; may be repeated."),
    ] = None,
    pack: Annotated[
        str | None, typer.Option(help="The checks of this pack, in its order: see `fleet packs`.")
    ] = None,
    query: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=SQL", help="Ask this besides, judged by nobody; may be repeated."),
    ] = None,
    query_file: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="NAME.sql",
            help="The same from a file, or the queries of a pack of osquery (.json).",
        ),
    ] = None,
    platform: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=PLATFORM",
            help="Ask that query of windows, darwin, linux or freebsd alone; without it of those that have"
            " its tables. May be repeated.",
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Ask until then: a day or time, or 30d; 14d without it.")
    ] = None,
    site: Annotated[
        list[str] | None, typer.Option(help="Only terminals of this site; may be repeated.")
    ] = None,
    incident: Annotated[
        str | None, typer.Option(help="Terminals in the scope of this incident come first.")
    ] = None,
    ramp: Annotated[
        str, typer.Option(metavar="PERCENT,…", help="How far each stage reaches, in per cent.")
    ] = "1,10,100",
    max_failed: Annotated[
        float, typer.Option(metavar="PERCENT", help="Pause when more terminals fail.")
    ] = 5.0,
    max_seconds: Annotated[
        float, typer.Option(help="A query that takes a terminal longer is too heavy.")
    ] = 60.0,
    max_cpu_seconds: Annotated[float, typer.Option(help="Or that takes more of its processor.")] = 30.0,
    max_memory: Annotated[
        int, typer.Option(metavar="MIB", help="Or that takes more of its memory.")
    ] = 200,
) -> None:
    """Begin a campaign: what was collected before now does not answer it.

    The service asks 1 % of the terminals, then 10 %, then all: the next stage when nine in ten of those there
    are done. It pauses where more than --max-failed fail or are too heavy; a person resumes it.
    """
    from sekisho.app.checking.campaigning import Asking, begin
    from sekisho.model.campaigns import Limits

    run = session(context)
    limits = Limits(
        share=max_failed / 100,
        wall_ms=round(max_seconds * 1000),
        cpu_ms=round(max_cpu_seconds * 1000),
        memory=max_memory << 20,
    )
    own, platforms = _queries(query or (), query_file or (), platform or ())
    asking = Asking(
        own,
        ahead(until, run.now()) if until is not None else None,
        tuple(site or ()),
        incident,
        _ramp(ramp),
        limits,
        pack,
        platforms,
    )
    notes = begin(run.workspace(), name, check or (), asking, now=run.now(), by=run.who(), why=why)
    run.note(f"campaign {name} began")
    for text in notes:
        run.note(text)


@app.command("list")
def list_command(
    context: typer.Context, format_: FormatOption = Format.TABLE, output: OutputOption = None
) -> None:
    """Every campaign: its stage, how many were asked and are done, whether it is paused."""
    from sekisho.app.checking.campaigns import listed
    from sekisho.reports.campaigns import campaigns_report

    run = session(context)
    write(run, campaigns_report(listed(run.workspace(), now=run.now())), format_, output, limit=50)


@app.command("show")
def show_command(
    context: typer.Context,
    name: Name,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """One campaign: each stage, what it waits for, every turn and who took it, what came to nothing and why."""
    from sekisho.app.checking.campaigns import shown
    from sekisho.reports.campaigns import campaign_report

    run = session(context)
    document = shown(run.workspace(), name, now=run.now())
    write(run, campaign_report(document), format_, output, limit=50)


@app.command("pause")
def pause_command(context: typer.Context, name: Name, why: Why) -> None:
    """Hand out nothing more until it is resumed; answers still count."""
    _turn(context, name, "pause", why)


@app.command("resume")
def resume_command(context: typer.Context, name: Name, why: Why) -> None:
    """Go on after a pause: what has failed so far is accepted, and limits count from here."""
    _turn(context, name, "resume", why)


@app.command("widen")
def widen_command(context: typer.Context, name: Name, why: Why) -> None:
    """Begin the next stage now, whatever this one still waits for."""
    _turn(context, name, "widen", why)


@app.command("end")
def end_command(context: typer.Context, name: Name, why: Why) -> None:
    """Ask nobody any more, for good; answers that are under way still count."""
    _turn(context, name, "end", why)


@app.command("scope")
def scope_command(context: typer.Context, name: Name, why: Why) -> None:
    """Read the scope of its incident anew: terminals that joined it come first from now on."""
    from sekisho.app.checking.campaigning import rescope
    from sekisho.reports.units import counted

    run = session(context)
    fresh = rescope(run.workspace(), name, now=run.now(), by=run.who(), why=why)
    if not fresh:
        run.note(f"nothing joined the scope of campaign {name}")
        return
    new = counted(fresh, "address or name", "addresses and names")
    run.note(f"campaign {name}: {new} that joined the scope come first")


def _turn(context: typer.Context, name: str, action: CampaignAction, why: str) -> None:
    from sekisho.app.checking.campaigning import turn

    run = session(context)
    turn(run.workspace(), name, action, now=run.now(), by=run.who(), why=why)
    done = {"pause": "is paused", "resume": "goes on", "widen": "was widened", "end": "has ended"}
    run.note(f"campaign {name} {done[action]}")


def _queries(
    given: list[str] | tuple[()], files: list[Path] | tuple[()], named: list[str] | tuple[()]
) -> tuple[dict[str, str], dict[str, str]]:
    from sekisho.fleet.packs.osquery import queries_of

    found: dict[str, str] = {}
    platforms: dict[str, str] = {}
    for text in given:
        name, equals, sql = text.partition("=")
        if not equals:
            raise RequestError(f"--query {text}", "NAME=SQL, such as up='SELECT * FROM uptime'")
        found[name.strip()] = sql.strip()
    for path in files:
        try:
            text = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise RequestError(f"cannot read {path}: {error}") from error
        if path.suffix == ".json":
            for name, (sql, words) in queries_of(text, str(path)).items():
                found[name] = sql
                platforms |= {name: words} if words else {}
        else:
            found[path.stem] = text
    for text in named:
        name, equals, words = text.partition("=")
        if not equals:
            raise RequestError(f"--platform {text}", "NAME=PLATFORM, such as up=linux,darwin")
        platforms[name.strip()] = words.strip()
    return found, platforms


def _ramp(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) / 100 for part in text.split(","))
    except ValueError as error:
        raise RequestError(f"--ramp {text}", "shares in per cent that grow to 100: 1,10,100") from error
