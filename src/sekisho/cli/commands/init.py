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
    out = session(context).out()
    for name in made.written:
        out.print(f"wrote   {name}", markup=False)
    for name in made.kept:
        out.print(f"kept    {name}", markup=False)
    session(context).note(f"next: describe your sites in {directory / 'sites.yaml'}")
