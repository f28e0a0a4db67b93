from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_a_workspace_that_is_valid_as_it_is(sekisho: Callable[..., Any], tmp_path: Path) -> None:
    new = tmp_path / "new"
    assert sekisho("init", new).status == 0
    assert sekisho("--workspace", new, "policy", "lint").status == 0
    (new / "sites.yaml").write_text("sites: {}\n")
    again = sekisho("init", new)
    assert again.status == 0
    assert "kept    sites.yaml" in again.out
    assert (new / "sites.yaml").read_text() == "sites: {}\n", "nothing is overwritten"


def test_no_workspace(sekisho: Callable[..., Any], tmp_path: Path) -> None:
    ran = sekisho("--workspace", tmp_path, "audit")
    assert ran.status == 2
    assert "init" in ran.err
