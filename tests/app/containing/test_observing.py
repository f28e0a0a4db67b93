from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.app.containing.test_forcing import told

from sekisho.app.containing.observing import observe
from sekisho.app.containing.planning import plan
from sekisho.app.containing.plans import shown
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.contain.gateways.base import GatewayStatus
from sekisho.model.restrictions import Restriction


def seen(workspace: Workspace, now: datetime, **gateways: Any) -> list[str]:
    """What was noted of what gateways say."""
    before = len(shown(workspace, "1").history)
    held = {"reached": True, "counters": {"p1_cut": (0, 0)}}
    said = {
        name.replace("_", "-"): GatewayStatus(**(held | fields)) for name, fields in gateways.items()
    }
    with open_decisions(workspace) as decisions:
        observe(decisions, said, now=now, by="aiko")
    return [f"{a.kind}: {a.text}" for a in shown(workspace, "1").history[before:]]


def test_a_timer_that_ran_out_is_noted_once(contained: Workspace, now: datetime) -> None:
    plan(contained, Restriction(("site:th-plant",)), now=now, by="aiko")
    assert seen(contained, now, th_gw={"expired": "P-1"}) == [], "it was never applied"
    told(contained, now, "apply", "applied", th_gw="applied", jp_gw="applied")
    waiting = {"expired": "P-1", "waiting": ("P-1", 500)}
    assert seen(contained, now, th_gw=waiting, jp_gw={"expired": "P-9"}) == []
    assert seen(contained, now, th_gw={"expired": "P-1"}, jp_gw={"reached": False}) == [
        "expired: th-gw: its timer ran out: nobody confirmed it"
    ]
    after = shown(contained, "1")
    assert (after.state, [g.state for g in after.gateways]) == ("partial", ["rolled_back", "applied"])
    assert seen(contained, now, th_gw={"expired": "P-1"}) == []
    seen(contained, now, jp_gw={"expired": "P-1"})
    assert shown(contained, "1").state == "rolled_back"


def test_a_restart_before_it_was_confirmed_is_noted(contained: Workspace, now: datetime) -> None:
    plan(contained, Restriction(("site:th-plant",)), now=now, by="aiko")
    told(contained, now, "apply", "applied", th_gw="applied", jp_gw="confirmed")
    nothing: dict[str, Any] = {"counters": {}}
    (note,) = seen(contained, now, th_gw=nothing, jp_gw={})
    assert "th-gw: it holds nothing of it: it restarted" in note
    assert [g.state for g in shown(contained, "1").gateways] == ["rolled_back", "confirmed"]


def test_a_lifting_that_was_taken_back_leaves_it_held(contained: Workspace, now: datetime) -> None:
    plan(contained, Restriction(("site:th-plant",)), now=now, by="aiko")
    told(contained, now, "apply", "applied", th_gw="applied", jp_gw="applied")
    told(contained, now, "confirm", "confirmed", th_gw="confirmed", jp_gw="confirmed")
    told(contained, now, "lift", "confirmed", th_gw="lifting", jp_gw="confirmed")
    (note,) = seen(contained, now, th_gw={"expired": "P-1-lift"})
    assert "took the lifting back" in note
    assert [g.state for g in shown(contained, "1").gateways] == ["confirmed", "confirmed"]


def test_drift_is_noted_when_it_comes_and_goes(contained: Workspace, now: datetime) -> None:
    plan(contained, Restriction(("site:th-plant",)), now=now, by="aiko")
    told(contained, now, "apply", "applied", th_gw="applied", jp_gw="elsewhere")
    drifted = {"drift": True}
    assert seen(contained, now, th_gw=drifted, jp_gw=drifted) == ["drift: changed by others: th-gw"]
    assert seen(contained, now, th_gw=drifted) == []
    assert seen(contained, now, th_gw={"reached": False}) == [], "whether it is mended is not known"
    assert seen(contained, now, th_gw={}) == ["drift: as told again"]
    assert seen(contained, now, th_gw={}) == []
