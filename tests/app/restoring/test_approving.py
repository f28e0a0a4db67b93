from __future__ import annotations

from pathlib import Path

import pytest
from tests.app.restoring.conftest import LATER

from sekisho.app.containing.approving import sign
from sekisho.app.containing.plans import listed
from sekisho.app.restoring.approving import approve, needed, prepare, to_sign, waive
from sekisho.app.restoring.planning import plan
from sekisho.app.restoring.standing import standing
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError


@pytest.fixture
def planned(cut: Workspace) -> Workspace:
    plan(cut, ["P-1"], ["link:th-plant <-> jp-hq"], now=LATER, by="aiko")
    return cut


def test_what_holds_the_rest_is_drafted_once(planned: Workspace) -> None:
    for _ in range(2):
        stands = prepare(planned, "1", now=LATER, by="aiko")
        assert stands.next is not None
        held = stands.next.steps[0].instead
        assert held is not None
        assert (held.id, held.state) == ("P-2", "previewed")
    assert [one.id for one in listed(planned).plans] == ["P-2", "P-1"]
    assert needed(planned) == 1


def test_a_signature_from_elsewhere(planned: Workspace, tmp_path: Path) -> None:
    text = to_sign(planned, "1", now=LATER, by="aiko")
    assert text.decode().startswith("sekisho plan R-1-1 lift ")
    signature = sign(tmp_path / "aiko", text)
    document = approve(planned, "1", signature, now=LATER, by="ken")
    assert [(a.by, a.holds) for a in document.stages[0].approvals] == [("aiko", True)]
    assert document.stages[0].lacks == (
        "P-1 to be lifted: 1 more of 1 people must approve it",
        "P-2 to be applied: 1 more of 1 people must approve it",
    )
    again = approve(planned, "1", signature, now=LATER, by="ken")
    assert len(again.stages[0].approvals) == 1
    with pytest.raises(RequestError, match="how it is signed"):
        approve(planned, "1", None, now=LATER, by="ken")


def test_a_key_approves_the_plans_too(planned: Workspace, tmp_path: Path) -> None:
    document = approve(planned, "1", None, key=tmp_path / "aiko", now=LATER, by="aiko")
    assert document.stages[0].lacks == ()
    with pytest.raises(RequestError, match="does not hold"):
        approve(planned, "1", sign(tmp_path / "aiko", b"something else\n"), now=LATER, by="aiko")


@pytest.mark.parametrize(
    ("name", "why", "message"),
    [
        ("fleets", "x", "there is no gate 'fleets'"),
        ("quiet", "x", "the gate quiet is open"),
        ("fleet", " ", "a waiver says why"),
    ],
)
def test_waivers_that_are_refused(planned: Workspace, name: str, why: str, message: str) -> None:
    stands = standing(planned, "1", now=LATER, by="aiko")
    with pytest.raises(RequestError, match=message):
        waive(planned, stands, [(name, why)], now=LATER, by="aiko")
