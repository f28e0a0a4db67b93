"""`sekisho fleet serve` and `fleet secret`: osquery's remote API, and what enrols with it."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from sekisho.cli.output import Format, FormatOption, write
from sekisho.cli.session import session
from sekisho.errors import RequestError

secret = typer.Typer(
    no_args_is_help=True, help="Secrets that osquery enrols with; several may be valid."
)


def register(fleet: typer.Typer) -> None:
    """Add the commands to the group `fleet`."""
    fleet.command("serve")(serve_command)
    fleet.add_typer(secret, name="secret")


def serve_command(
    context: typer.Context,
    listen: Annotated[
        str | None, typer.Option(metavar="ADDRESS:PORT", help="Instead of [fleet.service] listen.")
    ] = None,
    status: Annotated[bool, typer.Option("--status", help="How it stands, and end.")] = False,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Take osquery in over TLS: it enrols, is configured, logs, and answers what campaigns ask.

    What a terminal answers is acknowledged once it is on disk, and judged after. `[fleet.service]` of
    sekisho.toml says where it listens, with which certificate, and within which bounds. Runs until stopped.
    """
    import os

    from sekisho.app.checking.serving import serve
    from sekisho.app.settings.forwarding import place

    run = session(context)
    workspace = run.workspace()
    settings = workspace.settings(os.environ).settings.fleet.service
    if status:
        from sekisho.app.checking.service_status import service_status
        from sekisho.reports.fleet_service import service_report

        document = service_status(workspace, settings, now=run.now())
        write(run, service_report(document), format_, limit=50)
        return
    if listen is not None:
        try:
            place(listen)
        except ValueError as error:
            raise RequestError(f"--listen {listen}", str(error)) from error
        settings = settings.model_copy(update={"listen": listen})
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    serve(
        workspace,
        settings,
        stop=stop,
        listening=lambda port: run.note(f"taking osquery in at port {port}"),
    )


@secret.command("new")
def new_command(
    context: typer.Context,
    site: Annotated[
        str | None, typer.Option(help="Only terminals of this site, by their address.")
    ] = None,
    why: Annotated[str, typer.Option(help="In words that an auditor can use.")] = "",
) -> None:
    """Make a secret and show it, this once. Those before it stay valid until they are retired."""
    import sys

    from sekisho.app.checking.enrolling import new_secret

    run = session(context)
    made = new_secret(run.workspace(), site=site or "", why=why, now=run.now(), by=run.who())
    run.note(f"secret {made.id}; it is not shown again:")
    sys.stdout.write(made.secret + "\n")


@secret.command("list")
def list_command(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """Secrets without themselves: whose they are, since when, how many terminals enrolled with each last."""
    from sekisho.app.checking.enrolling import list_secrets
    from sekisho.reports.fleet_service import secrets_report

    run = session(context)
    write(run, secrets_report(list_secrets(run.workspace())), format_)


@secret.command("retire")
def retire_command(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="SECRET", help="Its name, S-….")],
) -> None:
    """Let nobody enrol with a secret any more. Terminals that did stay enrolled."""
    from sekisho.app.checking.enrolling import retire_secret

    run = session(context)
    retire_secret(run.workspace(), name, now=run.now(), by=run.who())
    run.note(f"{name} is retired")
