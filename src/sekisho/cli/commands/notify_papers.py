"""The verbs of `sekisho notify` about what is written, reviewed and delivered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.progress import progress
from sekisho.cli.session import session
from sekisho.cli.signatures import Message, Signature, SignKey, signed
from sekisho.cli.times import since
from sekisho.errors import RequestError

Which = Annotated[str, typer.Argument(metavar="INCIDENT", help="Its id: INC-3, or 3.")]
Out = Annotated[Path | None, typer.Option(help="Where to: a file that ends in .html, .docx or .pdf.")]
From = Annotated[
    Path | None,
    typer.Option("--from", help="Keep this file, which people wrote, as the next version instead."),
]


def register(app: typer.Typer) -> None:
    """Add the verbs to the group."""
    app.command("draft")(draft_command)
    app.command("statement")(statement_command)
    app.command("brief")(brief_command)
    app.command("drafts")(drafts_command)
    app.command("approve")(approve_command)
    app.command("deliver")(deliver_command)


def draft_command(
    context: typer.Context,
    incident: Which,
    obligation: Annotated[str, typer.Argument(help="Its id: jp-appi.")],
    stage: Annotated[str, typer.Argument(help="Which of its stages: preliminary.")],
    out: Out = None,
    from_: From = None,
) -> None:
    """Write what the law wants to read, in its order, from the facts; every version is kept.

    Each statement names the recording it rests on, what nobody recorded is written as unknown.
    """
    from sekisho.app.notifying.drafting import take, write_draft

    run = session(context)
    source, target = _either(from_, out)
    who, now = run.who(), run.now()
    if source is not None:
        number = take(run.workspace(), incident, obligation, stage, source, now=now, by=who)
        run.note(f"kept {source} as version {number}")
    elif target is not None:
        number = write_draft(
            run.workspace(), incident, obligation, stage, target, now=now, by=who, tell=run.note
        )
        run.note(f"wrote {target}, version {number}")


def statement_command(
    context: typer.Context, incident: Which, out: Out = None, from_: From = None
) -> None:
    """Write a statement to the public, from the facts and the incident; every version is kept."""
    from sekisho.notify.statements import PUBLIC

    _document(context, incident, PUBLIC, out, from_)


def brief_command(context: typer.Context, incident: Which, out: Out = None, from_: From = None) -> None:
    """Write a brief for the management: how far it went, what is due, what has to be decided."""
    from sekisho.notify.statements import MANAGEMENT

    _document(context, incident, MANAGEMENT, out, from_)


def _document(
    context: typer.Context, incident: str, document: str, out: Path | None, from_: Path | None
) -> None:
    from sekisho.app.notifying.drafting import take, write_statement

    run = session(context)
    source, target = _either(from_, out)
    who, now = run.who(), run.now()
    if source is not None:
        number = take(run.workspace(), incident, "", document, source, now=now, by=who)
        run.note(f"kept {source} as version {number}")
    elif target is not None:
        with progress(run) as step:
            number = write_statement(
                run.workspace(), incident, document, target, now=now, by=who, step=step, tell=run.note
            )
        run.note(f"wrote {target}, version {number}")


def drafts_command(
    context: typer.Context,
    incident: Which,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Every version of everything drafted, who reviewed it, and whether it went out."""
    from sekisho.app.notifying.versions import listed
    from sekisho.reports.notices import drafts_report

    run = session(context)
    write(run, drafts_report(listed(run.workspace(), incident)), format_, output)


def approve_command(
    context: typer.Context,
    incident: Which,
    draft: Annotated[
        str, typer.Argument(help="jp-appi/preliminary, public-statement; @2 names a version.")
    ],
    key: SignKey = None,
    signature: Signature = None,
    message: Message = False,
) -> None:
    """Approve a draft as a lawyer, by a signature over its version and hash; for the role `legal` alone.

    A new version needs a new approval.
    """
    from sekisho.app.notifying.approving import approve, to_sign

    run = session(context)
    workspace = run.workspace()
    given = signed(run, lambda: to_sign(workspace, incident, draft), key, signature, message=message)
    if given is None:
        return
    one = approve(workspace, incident, draft, given, now=run.now(), by=run.who())
    run.say(f"{one.document} version {one.version}: approved by {one.reviews[-1].by}")


def deliver_command(
    context: typer.Context,
    incident: Which,
    obligation: Annotated[str, typer.Argument(help="Its id: jp-appi; or public-statement.")],
    proof: Annotated[Path, typer.Option(help="The receipt, or what was sent; it is kept.")],
    stage: Annotated[
        str, typer.Argument(help="Which of its stages: preliminary.", show_default=False)
    ] = "",
    at: Annotated[str | None, typer.Option(help="When; now if not said.")] = None,
    without_review: Annotated[
        str, typer.Option(metavar="WHY", help="Where it went out before a lawyer approved; it is loud.")
    ] = "",
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Record that something was delivered, with its proof; without legal review it is told loudly.

    Ends with 4 where `notify.review` wants a review and there was none.
    """
    from sekisho.app.notifying.delivering import deliver
    from sekisho.notify.statements import MANAGEMENT, PUBLIC
    from sekisho.reports.notices import clocks_report

    run = session(context)
    now = run.now()
    if obligation in (PUBLIC, MANAGEMENT) and not stage:
        obligation, stage = "", obligation
    elif not stage:
        raise RequestError("say which stage was delivered", "sekisho notify obligations lists them")
    document = deliver(
        run.workspace(),
        incident,
        obligation,
        stage,
        at=since(at, now) or now,
        proof=proof,
        now=now,
        by=run.who(),
        without_review=without_review,
    )
    write(run, clocks_report(document), format_, output)


def _either(source: Path | None, target: Path | None) -> tuple[Path | None, Path | None]:
    if (source is None) == (target is None):
        raise RequestError("say where to write it, or which file to keep", "--out FILE or --from FILE")
    return source, target
