"""`sekisho init`: a workspace to work in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli.session import session


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("init")(init_command)


def init_command(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(help="A folder, new or not; nothing is overwritten.")],
) -> None:
    """Make a workspace: settings, sites, assets and policy, with examples commented out."""
    from sekisho.app.workspace import init

    made = init(directory)
    run = session(context)
    for name in made.written:
        run.say(f"wrote   {name}")
    for name in made.kept:
        run.say(f"kept    {name}")
    run.note(f"next: describe your sites in {directory / 'sites.yaml'}")
