from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

import pytest

from sekisho.app.containing.planning import plan
from sekisho.app.containing.runbooks import write_runbooks
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.contain.backends.base import CannotExpress
from sekisho.model.restrictions import Restriction


def test_a_folder_for_each_gateway(contained: Workspace, now: datetime, tmp_path: Path) -> None:
    plan(contained, Restriction(("site:us-plant",)), now=now, by="aiko")
    with open_decisions(contained) as decisions:
        decisions.decide("plan.apply", {"plan": "P-1", "state": "applied"}, at=now, by="ken")
    plan(contained, Restriction(("link:th-plant <-> jp-hq",)), now=now, by="aiko")
    pages = write_runbooks(contained, "2", tmp_path / "out", now=now, by="aiko")
    assert [page.parent.name for page in pages] == ["th-gw", "jp-gw"]
    folder = tmp_path / "out" / "th-gw"
    assert {path.name for path in folder.iterdir()} == {"RUNBOOK.md", "apply.nft", "rollback.nft"}
    page = pages[0].read_text()
    for name in ("apply.nft", "rollback.nft"):
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() in page
    assert "jump p2" in (folder / "apply.nft").read_text()
    back = (folder / "rollback.nft").read_text()
    assert "jump p1" in back
    assert "jump p2" not in back


def test_what_cannot_be_said_writes_nothing(
    contained: Workspace, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan(contained, Restriction(("site:th-plant",)), now=now, by="aiko")
    monkeypatch.setattr("sekisho.contain.backends.nftables.MAX_ELEMENTS", 1)
    with pytest.raises(CannotExpress, match="th-gw: the set p1_cut4"):
        write_runbooks(contained, "1", tmp_path / "out", now=now, by="aiko")
    assert not (tmp_path / "out").exists()
