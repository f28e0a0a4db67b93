from __future__ import annotations

from datetime import datetime

from sekisho.app.containing.grounds import ground, in_force, restriction_of, states_of
from sekisho.app.containing.planning import plan
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.contain.proposal import plain
from sekisho.model.restrictions import Restriction

WHOLE = Restriction(
    ("all",), "both", "essential", ("TH-HQ-EDI",), "drain", {"th-plant/*": "drop"}, None, "why", ("x",)
)


def test_a_restriction_comes_back_as_it_was() -> None:
    assert restriction_of(plain(WHOLE)) == WHOLE


def test_what_is_in_force_stands_beside_the_next(contained: Workspace, now: datetime) -> None:
    for target in ("site:th-plant", "all", "site:us-plant"):
        plan(contained, Restriction((target,)), now=now, by="aiko")
    with open_decisions(contained) as decisions:
        for name, state in (("P-1", "applied"), ("P-2", "applied"), ("P-2", "lifted")):
            decisions.decide("plan.apply", {"plan": name, "state": state}, at=now, by="ken")
        store = decisions.state.plans()
        assert states_of(store) == {"P-1": "applied", "P-2": "lifted", "P-3": "draft"}
        assert list(in_force(store)) == ["P-1"]
        assert list(ground(contained, decisions, now=now, by="ken").in_force) == ["P-1"]
        without = ground(contained, decisions, now=now, by="ken", without="P-1")
        assert without.in_force == {}
        assert set(without.points.gateways) == {"th-gw", "jp-gw"}
