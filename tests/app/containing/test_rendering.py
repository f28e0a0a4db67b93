from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from sekisho.app.containing.planning import plan
from sekisho.app.containing.previewing import preview
from sekisho.app.containing.rendering import render
from sekisho.app.workspace import Workspace
from sekisho.contain.backends.base import CannotExpress
from sekisho.errors import RequestError
from sekisho.model.restrictions import Restriction


def test_one_file_for_each_gateway(contained: Workspace, now: datetime, tmp_path: Path) -> None:
    document = plan(contained, Restriction(("link:th-plant <-> jp-hq",)), now=now, by="aiko")
    written = render(contained, "1", tmp_path / "out", now=now, by="aiko")
    assert written.hash == document.hash
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["jp-gw.nft", "th-gw.nft"]
    assert "10.40.0.0/16 . 10.1.0.0/16" in written.files["th-gw"].read_text()
    assert written.notes == ()


def test_what_changed_since_is_said(contained: Workspace, now: datetime, tmp_path: Path) -> None:
    plan(contained, Restriction(("site:th-plant",)), now=now, by="aiko")
    with (contained.root / "sites.yaml").open("a") as sites:
        sites.write("# changed\n")
    written = render(contained, "1", tmp_path, now=now, by="aiko")
    assert "preview it again" in written.notes[0]


def test_what_cannot_be_said_writes_nothing(
    contained: Workspace, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sekisho.contain.backends.nftables.MAX_ELEMENTS", 1)
    plan(contained, Restriction(("site:th-plant",)), now=now, by="aiko")
    with pytest.raises(CannotExpress, match=r"th-gw \(nftables\): the set p1_cut4"):
        render(contained, "1", tmp_path / "out", now=now, by="aiko")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_a_file(contained: Workspace, now: datetime, tmp_path: Path) -> None:
    plan(contained, Restriction(("all",)), now=now, by="aiko")
    (tmp_path / "out").write_text("")
    with pytest.raises(RequestError, match="cannot write to"):
        render(contained, "1", tmp_path / "out", now=now, by="aiko")


def test_a_plan_that_was_seen_again_is_not_said_to_have_changed(
    contained: Workspace, now: datetime, tmp_path: Path
) -> None:
    plan(contained, Restriction(("site:th-plant",)), now=now, by="aiko")
    with (contained.root / "gateways.yaml").open("a") as gateways:
        gateways.write("# changed\n")
    written = render(contained, "1", tmp_path / "a", now=now, by="aiko")
    assert any("changed since it was seen" in note for note in written.notes)
    preview(contained, "1", now=now, by="aiko")
    written = render(contained, "1", tmp_path / "b", now=now, by="aiko")
    assert not any("changed" in note for note in written.notes)
