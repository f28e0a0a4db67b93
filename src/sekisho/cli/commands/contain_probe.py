"""`sekisho contain probe`: a few terminals of both ends try what is cut and what is kept."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from sekisho.cli.output import Format, FormatOption, OutputOption, write
from sekisho.cli.progress import progress
from sekisho.cli.session import session


def register(app: typer.Typer) -> None:
    """Add the verb to the group."""
    app.command("probe")(probe_command)


def probe_command(
    context: typer.Context,
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="Its id: P-3, or 3.")],
    service: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL|HOST:PORT",
            help="Try this one, and what is named with it alone; one that is kept is a control. May be"
            " repeated.",
        ),
    ] = None,
    wait: Annotated[
        float,
        typer.Option(min=0, max=3600, help="Wait so many seconds for answers; 0 returns at once."),
    ] = 300,
    collect: Annotated[
        bool, typer.Option("--collect", help="Ask nobody anew: wait for those who were asked before.")
    ] = False,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Have a few terminals of both ends try services that the plan cuts, and others that it keeps.

    Before it is applied, to know that they answer, and after it, to see that they do not. It goes by osquery
    and `sekisho fleet serve`; answers that come later are collected by `contain verify`.
    """
    from sekisho.app.containing.probing import ask
    from sekisho.app.containing.probing import wait as wait_for
    from sekisho.reports.probes import probe_report

    run = session(context)
    workspace = run.workspace()
    with progress(run) as step:
        if not collect:
            ask(workspace, plan, tuple(service or ()), now=run.now(), by=run.who(), step=step)
        document = wait_for(
            workspace, plan, wait, clock=run.now, pause=time.sleep, by=run.who(), step=step
        )
    write(run, probe_report(document), format_, output)
