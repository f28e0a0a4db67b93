from __future__ import annotations

from sekisho.app.methods.rules import running
from sekisho.app.workspace import Workspace


def test_rules_of_the_workspaces_own_folder_are_run(raw: Workspace) -> None:
    assert running(raw) == frozenset()
    folder = raw.root / "sigma"
    folder.mkdir()
    (folder / "a.yml").write_text("title: a\nid: one\ndetection: {a: {b: c}, condition: a}\n")
    (folder / "b.yml").write_text("title: [")
    assert running(raw) == {"one"}
