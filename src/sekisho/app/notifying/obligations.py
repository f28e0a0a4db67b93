"""The obligations in force: what comes with the program, and the workspace's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path

from sekisho.app.workspace import Workspace
from sekisho.errors import Problem
from sekisho.inventory.files import read_bytes
from sekisho.inventory.located import Problems
from sekisho.model.notices import ObligationsDocument
from sekisho.notify.lints import linted
from sekisho.notify.obligation import Obligation
from sekisho.notify.reading import FOLDER, asked, in_force, own_files, read_obligation, shipped


def obligations(workspace: Workspace) -> tuple[Obligation, ...]:
    """Every obligation by id. Raises FileProblems for own ones that cannot be read."""
    return in_force(own_files(workspace.root))


def listed(workspace: Workspace, ids: Sequence[str] = ()) -> ObligationsDocument:
    """All of them, or those of these ids. Raises RequestError for an id that there is not."""
    every = obligations(workspace)
    chosen = [asked(every, name) for name in ids] if ids else every
    return ObligationsDocument(obligations=tuple(one.document() for one in chosen))


def lint(workspace: Workspace | None, paths: Sequence[Path], *, today: date) -> tuple[Problem, ...]:
    """What is wrong, or doubtful, in these files; without any in the workspace's own and the shipped ones."""
    problems = Problems()
    if paths:
        contents = {str(path): read_bytes(path) for path in paths}
    else:
        contents = own_files(workspace.root) if workspace is not None else {}
        folder = files("sekisho.notify") / FOLDER
        for one in shipped():
            problems.extend(linted(one, (folder / one.file).read_bytes(), today))
    for file, content in contents.items():
        read = read_obligation(file, content, problems, own=True)
        if read is not None:
            problems.extend(linted(read, content, today))
    return tuple(sorted(problems))
