"""`sekisho contain exempt`: one severed flow, open for a while."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sekisho.cli.commands.contain_acts import KeyOption, key_files
from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.progress import progress
from sekisho.cli.session import session
from sekisho.cli.times import ahead
from sekisho.errors import EXIT_PARTLY_READ, RequestError

if TYPE_CHECKING:
    from sekisho.model.plans import ExemptionDocument


def register(app: typer.Typer) -> None:
    """Add the verbs to the group."""
    app.command("exempt")(exempt_command)
    app.command("exemptions")(exemptions_command)


def exempt_command(
    context: typer.Context,
    flow: Annotated[str, typer.Argument(help="FROM -> TO : SERVICES, as a rule says it.")],
    until: Annotated[str, typer.Option(help="2h from now, or a time; 30 days at most.")],
    reason: Annotated[str, typer.Option(help="In words that an auditor can use.")],
    sign: Annotated[
        Path | None,
        typer.Option(help="Approve it with this SSH key (ssh-keygen and your agent do it)."),
    ] = None,
    signature: Annotated[
        list[Path] | None, typer.Option(help="An approval made elsewhere; may be repeated.")
    ] = None,
    message: Annotated[
        bool, typer.Option("--message", help="Print what approvers sign. Give --until as a time.")
    ] = False,
    key: KeyOption = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Open one flow that is severed, for a while; gateways close it by themselves.

    Its ends and its services are named: `*`, `internet` and `any` are refused, as wide as what is severed.
    Without enough approvals it only shows what would open: the plans that cut it, where, and what was seen.
    """
    from sekisho.app.containing.approving import read_signature
    from sekisho.app.containing.approving import sign as signed
    from sekisho.app.containing.exempting import ID, exempt
    from sekisho.contain.approvals import message as text_of
    from sekisho.reports.plans import exemption_report

    run = session(context)
    now = run.now()
    end = ahead(until, now)
    if end is None:
        raise RequestError("say until when", "--until 2h")
    given = [read_signature(path) for path in signature or ()]

    def asked(*signatures: str) -> ExemptionDocument:
        return exempt(
            run.workspace(),
            flow,
            end,
            reason=reason,
            signatures=(*given, *signatures),
            now=now,
            by=run.who(),
            keys=key_files(key),
        )

    with progress(run):
        if message or sign is not None:
            seen = exempt(run.workspace(), flow, end, reason=reason, now=now, by=run.who())
            text = text_of(ID, "exempt", seen.hash or "")
            if message:
                run.out().print(text.decode(), end="", markup=False, soft_wrap=True)
                return
            document = asked(signed(sign or Path(), text))
        else:
            document = asked()
    write(run, exemption_report(document), format_, output)
    if any(one.state in ("failed", "unreachable") for one in document.gateways):
        raise typer.Exit(EXIT_PARTLY_READ)


def exemptions_command(
    context: typer.Context,
    close: Annotated[
        str | None, typer.Option(metavar="ID", help="Close this one before its time.")
    ] = None,
    why: Annotated[str, typer.Option(help="Why it is closed.")] = "",
    key: KeyOption = None,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """What is open for a while; or close one before its time."""
    from sekisho.app.containing.exempting import close as closing
    from sekisho.app.containing.exempting import listed
    from sekisho.reports.plans import exemptions_report

    run = session(context)
    if close is None:
        document = listed(run.workspace(), now=run.now())
    else:
        document = closing(
            run.workspace(), close, why=why, now=run.now(), by=run.who(), keys=key_files(key)
        )
    write(run, exemptions_report(document), format_, output)
