from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path

import pytest

from sekisho.app.containing.approving import (
    approve,
    check_approved,
    people,
    read_signature,
    sign,
    to_sign,
)
from sekisho.app.containing.planning import plan
from sekisho.app.containing.plans import shown
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.errors import Refused, RequestError
from sekisho.model.restrictions import Restriction


@pytest.fixture
def previewed(contained: Workspace, now: datetime, tmp_path: Path) -> Workspace:
    """Two approvers of whom both are needed, and a plan that somebody saw."""
    lines = ["[contain]", "approvals = 2"]
    for name in ("aiko", "ken"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)]
        subprocess.run(command, check=True)
        key = (tmp_path / f"{name}.pub").read_text().strip()
        lines += [f"[people.{name}]", f'keys = ["{key}"]', 'roles = ["approver"]']
    with (contained.root / "sekisho.toml").open("a") as settings:
        settings.write("\n".join(lines) + "\n")
    plan(contained, Restriction(("site:th-plant",)), now=now, by="aiko")
    seen(contained, now)
    return Workspace(contained.root)


def seen(workspace: Workspace, now: datetime, **more: object) -> None:
    with open_decisions(workspace) as decisions:
        decisions.decide(
            "plan.preview", {"plan": "P-1", "state": "previewed", **more}, at=now, by="ken"
        )


def allowed(workspace: Workspace) -> None:
    with open_decisions(workspace) as decisions:
        check_approved(workspace, decisions.state.plans(), "P-1", "apply")


def test_two_people_approve_one_plan(previewed: Workspace, now: datetime, tmp_path: Path) -> None:
    assert set(people(previewed)) == {"aiko", "ken"}
    text = to_sign(previewed, "1", "apply")
    assert text.decode() == f"sekisho plan P-1 apply {shown(previewed, '1').hash}\n"
    first = approve(previewed, "1", "apply", sign(tmp_path / "aiko", text), now=now, by="x")
    assert (first.state, first.approvals[0].by) == ("previewed", "aiko")
    with pytest.raises(Refused, match="1 more of 2 people must approve it; aiko did"):
        allowed(previewed)
    with pytest.raises(RequestError, match="aiko approved it already"):
        approve(previewed, "1", "apply", sign(tmp_path / "aiko", text), now=now, by="x")
    second = approve(previewed, "1", "apply", sign(tmp_path / "ken", text), now=now, by="x")
    assert second.state == "approved"
    allowed(previewed)


def test_a_change_voids_what_was_approved(previewed: Workspace, now: datetime, tmp_path: Path) -> None:
    text = to_sign(previewed, "1", "apply")
    for name in ("aiko", "ken"):
        approve(previewed, "1", "apply", sign(tmp_path / name, text), now=now, by="x")
    seen(previewed, now, hash="ab" * 32)
    with pytest.raises(Refused, match="2 more of 2"):
        allowed(previewed)
    document = shown(previewed, "1")
    assert [one.holds for one in document.approvals] == [False, False]
    with pytest.raises(RequestError, match="does not hold"):
        approve(previewed, "1", "apply", sign(tmp_path / "aiko", text), now=now, by="x")


def test_what_nobody_saw_cannot_be_approved(contained: Workspace, now: datetime) -> None:
    plan(contained, Restriction(("all",)), now=now, by="aiko")
    with pytest.raises(Refused, match="P-1 is draft"):
        to_sign(contained, "1", "apply")


def test_signatures_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("text")
    assert read_signature(tmp_path / "s") == "text"
    with pytest.raises(RequestError, match="cannot be read"):
        read_signature(tmp_path / "none")
    with pytest.raises(RequestError, match="did not sign"):
        sign(tmp_path / "none", b"x")
