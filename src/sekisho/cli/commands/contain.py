"""`sekisho contain`: cut, with a plan that says what it will do before it does it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sekisho.cli.commands import contain_acts, contain_exempt, contain_probe
from sekisho.cli.commands.contain_stages import staging_of
from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.progress import progress
from sekisho.cli.session import session
from sekisho.cli.signatures import Message, Signature, SignKey, signed
from sekisho.errors import RequestError

if TYPE_CHECKING:
    from sekisho.model.restrictions import Existing

app = typer.Typer(no_args_is_help=True, help="Restrictions: what is cut, where, and what stays open.")

Which = Annotated[str, typer.Argument(metavar="PLAN", help="Its id: P-3, or 3.")]


class Whose(StrEnum):
    """Whose connections are cut."""

    BOTH = "both"
    IN = "in"
    OUT = "out"


class Tier(StrEnum):
    """Rules that survive."""

    ESSENTIAL = "essential"


class Deed(StrEnum):
    """What is approved."""

    APPLY = "apply"
    LIFT = "lift"


def register(root: typer.Typer) -> None:
    """Add the group."""
    contain_acts.register(app)
    contain_exempt.register(app)
    contain_probe.register(app)
    root.add_typer(app, name="contain")


@app.command("plan")
def plan_command(
    context: typer.Context,
    sever: Annotated[
        list[str],
        typer.Option(
            help="host:ADDRESS, group:SITE/GROUP, 'link:A <-> B', site:SITE or all; may be repeated."
        ),
    ],
    direction: Annotated[
        Whose, typer.Option(help="Only connections begun by (out) or towards (in) the severed end.")
    ] = Whose.BOTH,
    keep_tier: Annotated[Tier | None, typer.Option(help="Keep the rules of this tier open.")] = None,
    allow: Annotated[
        list[str] | None, typer.Option(metavar="RULE", help="Keep this rule open; may be repeated.")
    ] = None,
    existing: Annotated[
        list[str] | None,
        typer.Option(
            metavar="drop|drain",
            help="Open sessions end (drop, the default) or run out (drain); th-plant/scada=drain says it"
            " for a place alone; may be repeated.",
        ),
    ] = None,
    incident: Annotated[
        str | None, typer.Option(help="The incident that it is for: INC-3, or 3.")
    ] = None,
    reason: Annotated[str, typer.Option(help="In words that an auditor can use.")] = "",
    override: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Cut this service of `never_cut` or `lifelines` all the same."
        ),
    ] = None,
    stage: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SITE",
            help="Tell site by site, in this order: the sites of one stage (`;` between several, `rest` for"
            " all others); may be repeated. What no stage names is told last.",
        ),
    ] = None,
    soak: Annotated[
        str, typer.Option(help="Look at the evidence of so long after a stage before the next: 30m.")
    ] = "10m",
    patience: Annotated[
        str, typer.Option(help="Evidence may come so late; then it is halted.")
    ] = "30m",
    accept_escaped: Annotated[
        int, typer.Option(min=0, help="Halt where more connections escaped than these.")
    ] = 0,
    accept_broken: Annotated[
        int, typer.Option(min=0, help="Halt where more stopped that were to go on than these.")
    ] = 0,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Draft a plan: what it severs, at which gateways, what stays open, what nobody can enforce.

    Nothing is cut by it. A plan that would cut how a gateway is managed, or where it logs to, is refused.
    """
    from sekisho.app.containing.planning import plan
    from sekisho.model.restrictions import Restriction
    from sekisho.reports.plans import plan_report

    run = session(context)
    everywhere, at = _existing(existing or ())
    restriction = Restriction(
        sever=tuple(sever),
        direction=direction.value,
        keep_tier=keep_tier.value if keep_tier else None,
        allow=tuple(dict.fromkeys(allow or ())),
        existing=everywhere,
        existing_at=at,
        incident=incident,
        reason=reason.strip(),
        override=tuple(dict.fromkeys(override or ())),
        staging=staging_of(stage, soak, patience, accept_escaped, accept_broken),
    )
    document = plan(run.workspace(), restriction, now=run.now(), by=run.who())
    write(run, plan_report(document), format_, output)


@app.command("list")
def list_command(
    context: typer.Context, format_: FormatOption = Format.TABLE, output: OutputOption = None
) -> None:
    """Plans, the latest first."""
    from sekisho.app.containing.plans import listed
    from sekisho.reports.plans import plans_report

    run = session(context)
    write(run, plans_report(listed(run.workspace())), format_, output, limit=50)


@app.command("show")
def show_command(
    context: typer.Context,
    plan: Which,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """One plan: what it does, where, who approved it, what was done."""
    from sekisho.app.containing.plans import shown
    from sekisho.reports.plans import plan_report

    run = session(context)
    write(run, plan_report(shown(run.workspace(), plan)), format_, output)


@app.command("preview")
def preview_command(
    context: typer.Context,
    plan: Which,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Look closely at the last so many.")] = 30,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """What it would have cut of what was seen, by rule and owner; which findings; what nobody can stop.

    A year is looked at besides, for what runs seldom. The plan is worked out anew, and may be approved then.
    """
    from sekisho.app.containing.previewing import preview
    from sekisho.reports.previews import preview_report

    run = session(context)
    with progress(run) as step:
        document = preview(run.workspace(), plan, now=run.now(), by=run.who(), days=days, step=step)
    write(run, preview_report(document), format_, output, limit=20)


@app.command("render")
def render_command(
    context: typer.Context,
    plan: Which,
    out: Annotated[Path, typer.Option(help="The folder to write to.")],
) -> None:
    """Write the text for every gateway, one file each, named after it."""
    from sekisho.app.containing.rendering import render

    run = session(context)
    written = render(run.workspace(), plan, out, now=run.now(), by=run.who())
    for path in written.files.values():
        run.say(str(path))
    if not written.files:
        run.note(f"{written.plan} cuts nothing at any gateway: there is nothing to write")
    for note in written.notes:
        run.note(note)


@app.command("runbook")
def runbook_command(
    context: typer.Context,
    plan: Which,
    out: Annotated[Path, typer.Option(help="The folder to write to.")],
) -> None:
    """Write a page for whoever changes each gateway by hand, with what to load and the way back."""
    from sekisho.app.containing.runbooks import write_runbooks

    run = session(context)
    for path in write_runbooks(run.workspace(), plan, out, now=run.now(), by=run.who()):
        run.say(str(path))


@app.command("approve")
def approve_command(
    context: typer.Context,
    plan: Which,
    for_: Annotated[Deed, typer.Option("--for", help="That it is applied, or lifted.")] = Deed.APPLY,
    key: SignKey = None,
    signature: Signature = None,
    message: Message = False,
) -> None:
    """Approve a plan as it stands, by a signature over its hash with a key that sekisho.toml lists.

    The approval is void as soon as the plan, the register or gateways.yaml change.
    """
    from sekisho.app.containing.approving import approve, to_sign

    run = session(context)
    workspace = run.workspace()
    given = signed(run, lambda: to_sign(workspace, plan, for_.value), key, signature, message=message)
    if given is None:
        return
    document = approve(workspace, plan, for_.value, given, now=run.now(), by=run.who())
    last = document.approvals[-1]
    run.say(f"{document.id}: {last.by} approves to {last.deed}; it is {document.state}")


def _existing(words: list[str] | tuple[()]) -> tuple[Existing, dict[str, Existing]]:
    everywhere: Existing = "drop"
    at: dict[str, Existing] = {}
    for word in words:
        place, equals, how = word.rpartition("=")
        if how not in ("drop", "drain"):
            raise RequestError(
                f"--existing {word!r} is neither drop nor drain", "write th-plant/*=drain"
            )
        verdict: Existing = "drain" if how == "drain" else "drop"
        if equals:
            at[place.strip()] = verdict
        else:
            everywhere = verdict
    return everywhere, at
