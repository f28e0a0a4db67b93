"""The verbs of `sekisho contain` that tell gateways something."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sekisho.cli.commands.contain_stages import run_staged
from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.progress import progress
from sekisho.cli.session import Session, session
from sekisho.errors import EXIT_PARTLY_READ, EXIT_REFUSED, RequestError

if TYPE_CHECKING:
    from sekisho.model.plans import PlanDocument

Which = Annotated[str, typer.Argument(metavar="PLAN", help="Its id: P-3, or 3.")]
KeyOption = Annotated[
    list[Path] | None,
    typer.Option(
        help="Log in to gateways with this SSH key, besides those of your agent; may be repeated."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the verbs to the group."""
    app.command("apply")(apply_command)
    app.command("confirm")(confirm_command)
    app.command("rollback")(rollback_command)
    app.command("lift")(lift_command)
    app.command("elsewhere")(elsewhere_command)
    app.command("status")(status_command)
    app.command("verify")(verify_command)


def apply_command(
    context: typer.Context,
    plan: Which,
    key: KeyOption = None,
    site: Annotated[
        list[str] | None,
        typer.Option(help="Only the gateways of this site, site by site; may be repeated."),
    ] = None,
    outside_window: Annotated[
        str, typer.Option(metavar="WHY", help="Change gateways outside their windows.")
    ] = "",
    break_glass: Annotated[
        str | None,
        typer.Option(metavar="WHY", help="Without approvals, because waiting is worse; it is loud."),
    ] = None,
    render_only: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Tell nobody: write what each gateway is to load, and a page for whoever loads it.",
        ),
    ] = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Tell every gateway. Each takes it back by itself unless it is confirmed in time.

    Only what was previewed and approved as it stands now; ends with 3 where a gateway was not told. A plan
    with stages is told site by site: each is looked at before the next, and confirmed; ends with 4 where it
    is halted.
    """
    from sekisho.app.containing.applying import BreakGlass, apply
    from sekisho.app.containing.plans import shown

    run = session(context)
    if render_only is not None:
        if site or outside_window or break_glass is not None:
            raise RequestError("--render-only tells nobody: it goes with no other way to tell")
        _hand_over(run, plan, render_only)
        return
    if not site and break_glass is None and shown(run.workspace(), plan).staging is not None:
        document = run_staged(run, plan, key_files(key), outside_window)
        _told(run, document, format_, output)
        if document.staging and any(one.state == "halted" for one in document.staging.stages):
            raise typer.Exit(EXIT_REFUSED)
        return
    glass = None if break_glass is None else BreakGlass(break_glass)
    with progress(run) as step:
        document = apply(
            run.workspace(),
            plan,
            now=run.now(),
            by=run.who(),
            keys=key_files(key),
            sites=tuple(site or ()),
            break_glass=glass,
            outside_window=outside_window,
            step=step,
        )
    _told(run, document, format_, output)


def _hand_over(run: Session, plan: str, out: Path) -> None:
    from sekisho.app.containing.runbooks import write_runbooks

    workspace, now, by = run.workspace(), run.now(), run.who()
    for page in write_runbooks(workspace, plan, out, now=now, by=by, approved=True):
        run.say(str(page))
    run.note("when it is done: sekisho contain elsewhere PLAN --gateway NAME --why TICKET")


def confirm_command(
    context: typer.Context,
    plan: Which,
    key: KeyOption = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Keep what was applied or lifted: no gateway takes it back any more, and reboots do not undo it.

    Ends with 4 where it came too late.
    """
    from sekisho.app.containing.applying import confirm

    run = session(context)
    with progress(run) as step:
        document = confirm(
            run.workspace(), plan, now=run.now(), by=run.who(), keys=key_files(key), step=step
        )
    _told(run, document, format_, output)
    if document.state == "rolled_back":
        raise typer.Exit(EXIT_REFUSED)


def rollback_command(
    context: typer.Context,
    plan: Which,
    why: Annotated[str, typer.Option(help="In words that an auditor can use.")] = "",
    key: KeyOption = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Take back what was applied or lifted and not confirmed."""
    from sekisho.app.containing.applying import rollback

    run = session(context)
    with progress(run) as step:
        document = rollback(
            run.workspace(), plan, now=run.now(), by=run.who(), why=why, keys=key_files(key), step=step
        )
    _told(run, document, format_, output)


def lift_command(
    context: typer.Context,
    plan: Which,
    key: KeyOption = None,
    override: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RESTORATION",
            help="Lift it past the gates of this restoration, which is told to everybody; may be repeated.",
        ),
    ] = None,
    why: Annotated[str, typer.Option(help="Why the gates are gone round, in words.")] = "",
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Take a plan off its gateways; the others stay. It comes back by itself unless it is confirmed.

    Refused where a restoration gives back the plan or its links behind gates: see `restore lift`.
    """
    from sekisho.app.restoring.bypassing import Around, lift

    run = session(context)
    around = Around(tuple(override), why) if override else None
    with progress(run) as step:
        document = lift(
            run.workspace(),
            plan,
            around=around,
            now=run.now(),
            by=run.who(),
            keys=key_files(key),
            step=step,
        )
    _told(run, document, format_, output)


def elsewhere_command(
    context: typer.Context,
    plan: Which,
    gateway: Annotated[list[str], typer.Option(help="Where it was applied; may be repeated.")],
    why: Annotated[str, typer.Option(help="How you know: the ticket of the change, who said so.")],
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Note that somebody else applied it to a gateway that we may not tell (or lifted it there)."""
    from sekisho.app.containing.applying import elsewhere
    from sekisho.reports.plans import plan_report

    run = session(context)
    document = elsewhere(run.workspace(), plan, gateway, now=run.now(), by=run.who(), why=why)
    write(run, plan_report(document), format_, output)


def status_command(
    context: typer.Context,
    key: KeyOption = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Ask every gateway what it holds: what waits, what somebody else changed, and what was counted."""
    from sekisho.app.containing.status import status
    from sekisho.reports.gateways import gateways_report

    run = session(context)
    with progress(run) as step:
        document = status(run.workspace(), now=run.now(), by=run.who(), keys=key_files(key), step=step)
    write(run, gateways_report(document), format_, output)
    if any(not one.reached and one.deliver != "render" for one in document.gateways):
        raise typer.Exit(EXIT_PARTLY_READ)


def verify_command(
    context: typer.Context,
    plan: Which,
    key: KeyOption = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Whether a plan holds: gateways are read back, and what sensors recorded since is looked at.

    The answer is yes, no or not known. Ends with 3 where a gateway could not be asked.
    """
    from sekisho.app.containing.verifying import verify
    from sekisho.reports.containment import containment_report

    run = session(context)
    with progress(run) as step:
        document = verify(
            run.workspace(), plan, now=run.now(), by=run.who(), keys=key_files(key), step=step
        )
    write(run, containment_report(document), format_, output)
    if any(not one.reached and one.deliver != "render" for one in document.gateways):
        raise typer.Exit(EXIT_PARTLY_READ)


def key_files(paths: list[Path] | None) -> tuple[str, ...]:
    """The files of `--key`."""
    return tuple(map(str, paths or ()))


def _told(run: Session, document: PlanDocument, format_: Format, output: Path | None) -> None:
    from sekisho.reports.plans import plan_report

    write(run, plan_report(document), format_, output)
    if any(one.state in ("failed", "unreachable") for one in document.gateways):
        raise typer.Exit(EXIT_PARTLY_READ)
