from __future__ import annotations

from datetime import datetime

import pytest

from sekisho.app.containing.planning import plan
from sekisho.app.containing.plans import listed, outcome_entry, shown
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.contain.gateways.base import Outcome
from sekisho.errors import RequestError
from sekisho.model.restrictions import Restriction


def test_no_plan_is_said_to_be_none(contained: Workspace) -> None:
    assert "no plan was ever drafted" in listed(contained).notes[0]
    with pytest.raises(RequestError, match="there is no plan 1"):
        shown(contained, "1")


def test_plans_the_latest_first(contained: Workspace, now: datetime) -> None:
    for target in ("site:th-plant", "all"):
        plan(contained, Restriction((target,)), now=now, by="aiko")
    assert [one.id for one in listed(contained).plans] == ["P-2", "P-1"]
    assert shown(contained, "p-2").sever == ("all",)


def test_what_was_done_at_gateways_is_in_it(contained: Workspace, now: datetime) -> None:
    plan(contained, Restriction(("all",)), now=now, by="aiko")
    results = {"th-gw": {"state": "applied"}, "jp-gw": {"state": "unreachable", "why": "no route"}}
    body = {"plan": "P-1", "state": "partial", "text": "1 of 2", "results": results}
    with open_decisions(contained) as decisions:
        decisions.decide("plan.apply", body, at=now, by="ken")
    document = shown(contained, "1")
    assert document.state == "partial"
    assert [(g.state, g.why) for g in document.gateways] == [
        ("applied", None),
        ("unreachable", "no route"),
    ]
    assert [(a.kind, a.by, a.text) for a in document.history] == [
        ("draft", "aiko", ""),
        ("apply", "ken", "1 of 2"),
    ]


def test_what_became_of_gateways_is_the_state_of_the_plan(contained: Workspace, now: datetime) -> None:
    plan(contained, Restriction(("all",)), now=now, by="aiko")
    document = shown(contained, "1").model_copy(update={"state": "approved"})
    one = {"th-gw": Outcome("applied")}
    entry = outcome_entry(document, one, "1 applied")
    assert (entry["state"], entry["results"]["th-gw"]["state"]) == ("partial", "applied")
    failed = document.model_copy(update={"state": "failed"})
    gone = dict.fromkeys(("th-gw", "jp-gw"), Outcome("rolled_back"))
    assert outcome_entry(failed, gone, "")["state"] == "failed"
