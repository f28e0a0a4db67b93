"""`sekisho backup` and `sekisho restore-backup`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli.progress import progress
from sekisho.cli.session import session


def register(root: typer.Typer) -> None:
    """Add both verbs."""
    root.command("backup")(backup_command)
    root.command("restore-backup")(restore_command)


def backup_command(
    context: typer.Context, file: Annotated[Path, typer.Argument(help="A new .tar file.")]
) -> None:
    """Write the workspace into one file: register, lake, ledger, decisions, each with its hash."""
    from sekisho.app.backup import backup

    run = session(context)
    with progress(run) as step:
        made = backup(run.workspace(), file, now=run.now(), step=step)
    run.say(f"wrote {made.path}: {made.files:,} files, {made.size:,} bytes")
    for note in made.notes:
        run.note(note)


def restore_command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="What `sekisho backup` wrote.")],
    directory: Annotated[Path, typer.Argument(help="A folder that is empty or does not exist.")],
) -> None:
    """Unpack a backup into a new workspace; 5 where a file is not what was backed up."""
    from sekisho.app.restore_backup import restore

    run = session(context)
    with progress(run) as step:
        files = restore(file, directory, step=step)
    run.say(f"restored {files:,} files to {directory}")
