from __future__ import annotations

import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.app.containing.conftest import GATEWAYS

from sekisho.app.containing.approving import sign
from sekisho.app.containing.exempting import ID, active, close, exempt, listed
from sekisho.app.containing.planning import plan
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.contain.approvals import message
from sekisho.errors import RequestError
from sekisho.model.restrictions import Restriction

FLOW = "th-plant/* -> jp-hq/db : mssql"


@pytest.fixture
def held(company: Path, now: datetime, tmp_path: Path) -> Workspace:
    """A plan in force over logs, and somebody who approves. No gateway can be talked to."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "k")]
    subprocess.run(command, check=True)
    key = (tmp_path / "k.pub").read_text().strip()
    with (company / "sekisho.toml").open("a") as settings:
        settings.write(f'[people.aiko]\nkeys = ["{key}"]\nroles = ["approver"]\n')
    (company / "gateways.yaml").write_text(GATEWAYS)
    workspace = Workspace(company)
    plan(workspace, Restriction(("site:th-plant",)), now=now, by="aiko")
    with open_decisions(workspace) as decisions:
        decisions.decide("plan.apply", {"plan": "P-1", "state": "applied"}, at=now, by="ken")
    return workspace


def test_it_is_seen_before_it_is_opened(held: Workspace, now: datetime, tmp_path: Path) -> None:
    until = now + timedelta(hours=2)
    draft = exempt(held, FLOW, until, reason="stock", now=now, by="ken")
    assert (draft.state, draft.id, draft.plans) == ("draft", None, ("P-1",))
    assert "1 more of 1" in (draft.needs or "")
    assert [(s.src, s.dst, s.service) for s in draft.seen] == [("10.40.3.3", "10.1.30.3", "mssql")]
    assert listed(held, now=now).exemptions == ()
    signature = sign(tmp_path / "k", message(ID, "exempt", draft.hash or ""))
    opened = exempt(held, FLOW, until, reason="stock", signatures=[signature], now=now, by="ken")
    assert (opened.id, opened.state) == ("X-1", "open")
    assert {g.state for g in opened.gateways} == {"unreachable"}
    assert [e.id for e in listed(held, now=now).exemptions] == ["X-1"]
    assert listed(held, now=until).exemptions == ()
    with pytest.raises(RequestError, match="does not hold"):
        exempt(held, FLOW, until, reason="other", signatures=[signature], now=now, by="ken")


def test_it_may_be_closed_before_its_time(held: Workspace, now: datetime, tmp_path: Path) -> None:
    until = now + timedelta(hours=2)
    draft = exempt(held, FLOW, until, reason="stock", now=now, by="ken")
    signature = sign(tmp_path / "k", message(ID, "exempt", draft.hash or ""))
    exempt(held, FLOW, until, reason="stock", signatures=[signature], now=now, by="ken")
    assert close(held, "x-1", why="done", now=now, by="ken").exemptions == ()
    with open_decisions(held) as decisions:
        assert active(decisions.state.plans(), now) == ()
    with pytest.raises(RequestError, match="just this was opened already"):
        exempt(held, FLOW, until, reason="stock", signatures=[signature], now=now, by="ken")
    with pytest.raises(RequestError, match="X-1 is not open"):
        close(held, "X-1", why="done", now=now, by="ken")


def test_times_and_reasons(held: Workspace, now: datetime) -> None:
    for until, reason, message_ in (
        (now, "stock", "ends in the future"),
        (now + timedelta(days=31), "stock", "within 30 days"),
        (now + timedelta(hours=1), " ", "needs a reason"),
    ):
        with pytest.raises(RequestError, match=message_):
            exempt(held, FLOW, until, reason=reason, now=now, by="ken")
