from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.app.register import read_register
from sekisho.app.simulate import NAMES, simulate
from sekisho.app.workspace import find
from sekisho.errors import RequestError


def test_a_company_becomes_a_workspace(tmp_path: Path) -> None:
    out = tmp_path / "acme"
    out.mkdir()
    summary = simulate("quiet", out, seed=1, scale="small")
    workspace = find(out)
    inventory, policy = read_register(workspace)
    assert (len(inventory.sites), len(inventory.sensors)) == (summary.sites, summary.sensors)
    assert len(policy.rules) == summary.rules
    assert {p.name for p in (out / "logs").iterdir()} <= set(inventory.sensors)
    assert (out / "truth").is_dir()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    for out in (tmp_path, mine):
        with pytest.raises(RequestError, match="is not empty"):
            simulate("quiet", out, seed=1, scale="small")
    with pytest.raises(RequestError, match="cannot write"):
        simulate("quiet", mine / "below", seed=1, scale="small")
    assert [p.read_text() for p in tmp_path.iterdir()] == ["mine"]
    assert "kawasaki" in NAMES
