"""`sekisho restore`: give communication back in stages, each behind gates that open on evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli.output import Format, FormatOption, OutputOption, PrintedFormat, printable_to, write
from sekisho.cli.progress import progress
from sekisho.cli.session import session
from sekisho.errors import EXIT_PARTLY_READ, RequestError

app = typer.Typer(no_args_is_help=True, help="Lift restrictions in stages, behind gates.")

Which = Annotated[str, typer.Argument(metavar="RESTORATION", help="Its id: R-1, or 1.")]
Waive = Annotated[
    list[str] | None,
    typer.Option(metavar="GATE", help="Let this gate of the stage be closed; may be repeated."),
]
Why = Annotated[str, typer.Option(help="Why it may be; it is approved with the stage.")]


def register(root: typer.Typer) -> None:
    """Add the group."""
    root.add_typer(app, name="restore")


@app.command("plan")
def plan_command(
    context: typer.Context,
    plans: Annotated[
        list[str] | None, typer.Argument(metavar="PLAN", help="Plans of containment in force.")
    ] = None,
    link: Annotated[
        list[str] | None, typer.Option(help="Every plan that cuts 'A <-> B'; may be repeated.")
    ] = None,
    site: Annotated[
        list[str] | None, typer.Option(help="Every plan that cuts this site; may be repeated.")
    ] = None,
    stage: Annotated[
        list[str] | None,
        typer.Option(
            help="What a stage gives back: 'link:A <-> B', site:SITE, rule:ID, tier:essential or rest,"
            " several with ; between. One for each stage, in order."
        ),
    ] = None,
    reason: Annotated[str, typer.Option(help="In words that an auditor can use.")] = "",
    instead: Annotated[
        list[str] | None,
        typer.Option(
            metavar="R-N",
            help="End this restoration of the same plans with the new one; may be repeated.",
        ),
    ] = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Plan which restrictions are lifted, in which stages. Nothing is lifted by it.

    Of plans that are named, whatever no stage gives back is a last stage of its own. A plan has one restoration
    at a time: another is refused (4), unless it says --instead of which.
    """
    from sekisho.app.restoring.planning import plan
    from sekisho.app.restoring.standing import status
    from sekisho.reports.restorations import restoration_report

    run = session(context)
    with progress(run) as step:
        planned = plan(
            run.workspace(),
            plans or (),
            stage or (),
            links=link or (),
            sites=site or (),
            reason=reason,
            instead=instead or (),
            now=run.now(),
            by=run.who(),
        )
        document = status(run.workspace(), planned.id, now=run.now(), by=run.who(), step=step)
    write(run, restoration_report(document), format_, output, limit=20)


@app.command("status")
def status_command(
    context: typer.Context,
    restoration: Annotated[
        str | None, typer.Argument(metavar="RESTORATION", help="Its id: R-1, or 1; else all.")
    ] = None,
    format_: Annotated[
        PrintedFormat, typer.Option("--format", "-f", help="How to write the result.")
    ] = PrintedFormat.TABLE,
    output: OutputOption = None,
) -> None:
    """The stages, and the gates of the next with their evidence. As HTML or PDF it is the report.

    New findings on lifted links are told, and their links cut again where sekisho.toml says so.
    """
    from sekisho.app.restoring.recontain import look
    from sekisho.app.restoring.standing import listed, status
    from sekisho.reports.restorations import restoration_report, restorations_report

    run = session(context)
    printable_to(format_, output)
    with progress(run) as step:
        for text in look(run.workspace(), now=run.now(), by=run.who(), step=step):
            run.note(text)
        if restoration is None:
            every = listed(run.workspace(), now=run.now(), by=run.who(), step=step)
            report = restorations_report(every)
        else:
            one = status(run.workspace(), restoration, now=run.now(), by=run.who(), step=step)
            report = restoration_report(one)
    write(run, report, format_, output, limit=40)


@app.command("approve")
def approve_command(
    context: typer.Context,
    restoration: Which,
    key: Annotated[
        Path | None,
        typer.Option(help="Sign the stage and its plans with this SSH key (ssh-keygen does it)."),
    ] = None,
    signature: Annotated[
        Path | None,
        typer.Option(help="A signature of the stage that was made elsewhere, or - for standard input."),
    ] = None,
    message: Annotated[
        bool, typer.Option("--message", help="Print what is to be signed, to sign it elsewhere.")
    ] = False,
    waive: Waive = None,
    why: Why = "",
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Approve the next stage as it stands, its waivers included, by a signature over its hash.

    What holds the rest of a plan is drafted and previewed first. Signed elsewhere, its plans are approved by
    `sekisho contain approve`; with --key all of it is.
    """
    from sekisho.app.containing.approving import read_signature
    from sekisho.app.restoring.approving import approve, to_sign
    from sekisho.reports.restorations import restoration_report

    run = session(context)
    if (key is None) + (signature is None) + (not message) != 2:
        raise RequestError("say how it is signed", "--key FILE, --signature FILE or --message")
    with progress(run) as step:
        if message:
            text = to_sign(run.workspace(), restoration, now=run.now(), by=run.who(), step=step)
            run.out().print(text.decode(), end="", markup=False, soft_wrap=True)
            return
        document = approve(
            run.workspace(),
            restoration,
            read_signature(signature) if signature is not None else None,
            key=key,
            waivers=[(name, why) for name in waive or ()],
            now=run.now(),
            by=run.who(),
            step=step,
        )
    write(run, restoration_report(document), format_, output, limit=10)


@app.command("lift")
def lift_command(
    context: typer.Context,
    restoration: Which,
    waive: Waive = None,
    why: Why = "",
    key: Annotated[
        list[Path] | None,
        typer.Option(help="Log in to gateways with this SSH key, besides those of your agent."),
    ] = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Lift the next stage; refused (4) while a gate is closed, or it is not approved so; 3 if nobody took it.

    Gateways take it back by themselves until its plans are confirmed (`sekisho contain confirm`).
    """
    from sekisho.app.restoring.lifting import lift
    from sekisho.reports.restorations import following_stage, restoration_report

    run = session(context)
    with progress(run) as step:
        document = lift(
            run.workspace(),
            restoration,
            waivers=[(name, why) for name in waive or ()],
            now=run.now(),
            by=run.who(),
            keys=[str(path) for path in key or ()],
            step=step,
        )
    write(run, restoration_report(document), format_, output, limit=10)
    following = following_stage(document)
    if following is not None and following.state in ("closed", "ready", "approved"):
        run.note("no gateway took it: `sekisho contain status` says why; then lift it again")
        raise typer.Exit(EXIT_PARTLY_READ)
