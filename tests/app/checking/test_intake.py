from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.app.checking.intake import take_in
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_list_is_taken_in_once(workspace: Workspace, listed: Path) -> None:
    first = take_in(workspace, [listed], now=NOW, by="ken")
    assert (first.terminals, first.new, first.merged) == (3, 3, 1)
    assert (first.files[0].read, first.files[0].aside) == (4, 1)
    assert first.files[0].problems[0].startswith(f"{listed}:4: hostname is no name")
    again = take_in(workspace, [listed], now=NOW, by="ken")
    assert (again.terminals, again.new, again.files[0].again) == (3, 0, True)
    with open_decisions(workspace) as decisions:
        kinds = [e.kind for e in decisions.ledger.entries() if e.kind.startswith("fleet.")]
    assert kinds == ["fleet.import"]


def test_a_folder_is_looked_through_but_not_its_links(
    workspace: Workspace, listed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "lists" / "deep"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_bytes(listed.read_bytes())
    (folder / "passwd.csv").symlink_to("/etc/passwd")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    found = take_in(workspace, [tmp_path / "lists"], now=NOW, by="ken")
    assert [(os.path.basename(f.file), f.kind) for f in found.files] == [  # noqa: PTH119
        ("a.csv", "csv"),
        ("picture.png", "unknown"),
    ]
    assert found.terminals == 3


def test_what_is_not_there_is_told(workspace: Workspace) -> None:
    with pytest.raises(RequestError, match="not there"):
        take_in(workspace, [Path("/nowhere.csv")], now=NOW, by="ken")
