"""That gateways are told is shown with real packets elsewhere; here the carrier tells them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.app.restoring.conftest import LATER, Log, intrude, recertified, told

from sekisho.app.containing.grounds import in_force
from sekisho.app.containing.plans import shown
from sekisho.app.decisions import open_decisions
from sekisho.app.restoring.approving import approve
from sekisho.app.restoring.lifting import lift
from sekisho.app.restoring.planning import plan
from sekisho.app.restoring.standing import status
from sekisho.app.workspace import Workspace
from sekisho.errors import Refused
from sekisho.model.restrictions import Restriction


@pytest.fixture
def planned(cut: Workspace) -> Workspace:
    """The link to the head office first; its rule is recertified. Only the fleet is not known."""
    plan(cut, ["P-1"], ["link:th-plant <-> jp-hq"], now=LATER, by="aiko")
    recertified(cut, LATER)
    return cut


def held(workspace: Workspace) -> dict[str, Restriction]:
    with open_decisions(workspace) as decisions:
        return in_force(decisions.state.plans())


def test_a_gate_that_is_not_known_refuses(planned: Workspace, tmp_path: Path) -> None:
    approve(planned, "1", None, key=tmp_path / "aiko", now=LATER, by="aiko")
    with pytest.raises(Refused, match="the gate fleet is unknown: not known: no fleet") as refused:
        lift(planned, "1", now=LATER, by="aiko")
    assert refused.value.exit_status == 4
    assert "restore.lift" not in kinds(planned)
    with pytest.raises(Refused, match="stage 1: 1 more of 1 people must approve it"):
        lift(planned, "1", waivers=[("fleet", "there is none yet")], now=LATER, by="aiko")
    assert set(held(planned)) == {"P-1"}


def kinds(workspace: Workspace) -> list[str]:
    with open_decisions(workspace) as decisions:
        return [f"restore.{e.action}" for e in decisions.state.restorations().events()]


def test_stage_after_stage_until_all_is_as_it_was(planned: Workspace, tmp_path: Path) -> None:
    key, waived = tmp_path / "aiko", [("fleet", "checked by hand, FL-7")]
    document = approve(planned, "1", None, key=key, waivers=waived, now=LATER, by="aiko")
    assert document.stages[0].state == "approved"
    assert document.stages[0].plans[0].holds == ("link:th-plant <-> us-plant",)
    assert [a.by for a in document.stages[0].approvals if a.holds] == ["aiko"]
    with pytest.raises(Refused, match="P-2 holds what is left, and th-gw are told by others"):
        lift(planned, "1", now=LATER, by="aiko")
    assert set(held(planned)) == {"P-1"}
    told(planned, "P-2", LATER)
    assert lift(planned, "1", now=LATER, by="aiko").stages[0].state == "lifting"
    with pytest.raises(Refused, match="waits to be confirmed"):
        lift(planned, "1", now=LATER, by="aiko")
    told(planned, "P-1", LATER, to="lifted")
    assert held(planned) == {"P-2": Restriction(("link:th-plant <-> us-plant",), allow=("TH-HQ-EDI",))}
    document = status(planned, "1", now=LATER, by="aiko")
    assert [stage.state for stage in document.stages] == ["lifted", "closed"]
    assert document.stages[0].lifted_at == LATER
    assert (document.stages[1].opens, document.stages[1].plans[0].lifts) == (("rest",), "P-2")
    rest = [(gate.name, "the plant must go on") for gate in document.stages[1].gates if not gate.passes]
    approve(planned, "1", None, key=key, waivers=rest, now=LATER, by="aiko")
    lift(planned, "1", now=LATER, by="aiko")
    told(planned, "P-2", LATER, to="lifted")
    assert held(planned) == {}
    assert [s.state for s in status(planned, "1", now=LATER, by="aiko").stages] == ["lifted", "lifted"]


def test_what_is_seen_after_the_approval_closes_the_gate(
    planned: Workspace, tmp_path: Path, zeek_header: str, zeek_conn: Log
) -> None:
    waived = [("fleet", "none yet")]
    approve(planned, "1", None, key=tmp_path / "aiko", waivers=waived, now=LATER, by="aiko")
    told(planned, "P-2", LATER)
    intrude(planned, zeek_header, zeek_conn, LATER - timedelta(hours=5))
    with pytest.raises(Refused, match="the gate quiet is closed"):
        lift(planned, "1", now=LATER, by="aiko")
    assert shown(planned, "1").state == "applied_elsewhere"


def test_another_waiver_voids_what_was_approved(planned: Workspace, tmp_path: Path) -> None:
    key = tmp_path / "aiko"
    approve(planned, "1", None, key=key, waivers=[("fleet", "none")], now=LATER, by="aiko")
    with pytest.raises(Refused, match="stage 1: 1 more"):
        lift(planned, "1", waivers=[("fleet", "because")], now=LATER, by="aiko")


def test_other_demands_void_what_was_approved(planned: Workspace, tmp_path: Path) -> None:
    key = tmp_path / "aiko"
    approve(planned, "1", None, key=key, waivers=[("fleet", "none")], now=LATER, by="aiko")
    (planned.root / "restore.yaml").write_text("gates: {quiet: {days: 1}}\n")
    with pytest.raises(Refused, match="stage 1: 1 more"):
        lift(planned, "1", now=LATER, by="aiko")
