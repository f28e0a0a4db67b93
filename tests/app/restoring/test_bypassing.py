"""The carrier tells the gateways here; what is asked before is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.app.containing.test_alarms import OPENED
from tests.app.restoring.conftest import CUT, LATER, told

from sekisho.app.alerts import listed
from sekisho.app.containing import approving
from sekisho.app.containing.planning import plan as draft
from sekisho.app.containing.plans import shown
from sekisho.app.decisions import open_decisions
from sekisho.app.restoring.bypassing import Around, lift
from sekisho.app.restoring.planning import plan
from sekisho.app.workspace import Workspace
from sekisho.errors import Refused, RequestError
from sekisho.model.restrictions import Restriction

WHY = "the plant stands still, CHG-7"


@pytest.fixture
def approved(cut: Workspace, tmp_path: Path) -> Workspace:
    """P-1 is approved to be lifted, and a restoration of it is planned."""
    plan(cut, ["P-1"], ["link:th-plant <-> jp-hq"], now=LATER, by="aiko")
    approve(cut, "P-1", tmp_path)
    return cut


def approve(workspace: Workspace, name: str, keys: Path) -> None:
    signed = approving.sign(keys / "aiko", approving.to_sign(workspace, name, "lift"))
    approving.approve(workspace, name, "lift", signed, now=LATER, by="aiko")


def kinds(workspace: Workspace, name: str = "1") -> list[str]:
    return [a.kind for a in shown(workspace, name).history]


def test_gates_are_not_gone_round_unheard(approved: Workspace) -> None:
    with pytest.raises(Refused, match="R-1 gives it back behind gates: P-1 is one of its plans") as no:
        lift(approved, "1", now=LATER, by="ken")
    assert "sekisho restore lift R-1" in no.value.mend
    with pytest.raises(RequestError, match="needs a reason"):
        lift(approved, "1", around=Around(("R-1",), " "), now=LATER, by="ken")
    assert "lift" not in kinds(approved)
    assert listed(approved, now=LATER).alerts == ()


def test_who_names_the_restoration_is_heard(approved: Workspace) -> None:
    document = lift(approved, "1", around=Around(("1",), WHY), now=LATER, by="ken")
    assert kinds(approved)[-3:] == ["bypass", "lift", "lift"]
    assert document.history[-3].text == f"past the gates of R-1: {WHY}"
    (alert,) = listed(approved, now=LATER).alerts
    assert (alert.severity, alert.labels["change"]) == ("critical", "bypass")
    assert alert.title == "P-1 is lifted past the gates of R-1 by ken"
    assert "fleet (unknown)" in alert.text
    with open_decisions(approved) as decisions:
        event = next(e for e in decisions.state.plans().events("P-1") if e.action == "bypass")
    assert {gate["gate"] for gate in event.body["gates"]["R-1"]} >= {"quiet", "fleet", "escaped"}


def test_what_is_not_approved_is_not_even_told_of(cut: Workspace) -> None:
    plan(cut, ["P-1"], ["link:th-plant <-> jp-hq"], now=LATER, by="aiko")
    with pytest.raises(Refused, match="not approved to lift"):
        lift(cut, "1", around=Around(("R-1",), WHY), now=LATER, by="ken")
    assert "bypass" not in kinds(cut)


def test_another_plan_on_its_links_is_held_too(cut: Workspace) -> None:
    plan(cut, ["P-1"], ["link:th-plant <-> jp-hq"], now=LATER, by="aiko")
    draft(cut, Restriction(("link:th-plant <-> jp-hq",)), now=CUT, by="aiko")
    draft(cut, Restriction(("link:us-plant <-> jp-hq",)), now=CUT, by="aiko")
    for name in ("P-2", "P-3"):
        told(cut, name, CUT)
    with pytest.raises(Refused, match="its stages give back jp-hq <-> th-plant"):
        lift(cut, "2", now=LATER, by="ken")
    with pytest.raises(RequestError, match="R-1 does not hold P-3"):
        lift(cut, "3", around=Around(("R-1",), WHY), now=LATER, by="ken")
    with pytest.raises(Refused, match="P-3 is not approved to lift"):
        lift(cut, "3", now=LATER, by="ken")


def test_a_restoration_that_is_over_holds_nothing(approved: Workspace) -> None:
    told(approved, "P-1", LATER, to="lifted")
    draft(approved, Restriction(("site:th-plant",)), now=LATER, by="aiko")
    told(approved, "P-2", LATER)
    with pytest.raises(Refused, match="not approved to lift"):
        lift(approved, "2", now=LATER, by="ken")


def test_a_plan_of_the_same_incident_is_held_too(cut: Workspace) -> None:
    with open_decisions(cut) as decisions:
        decisions.decide("incident.open", OPENED, at=CUT, by="aiko")
    for link in ("link:th-plant <-> us-plant", "link:us-plant <-> jp-hq"):
        draft(cut, Restriction((link,), incident="INC-1"), now=CUT, by="aiko")
    told(cut, "P-2", CUT)
    told(cut, "P-3", CUT)
    plan(cut, ["P-2"], [], now=LATER, by="aiko")
    with pytest.raises(Refused, match="it is of INC-1 too"):
        lift(cut, "3", now=LATER, by="ken")
