from __future__ import annotations

import pytest
from tests.app.restoring.conftest import CUT, LATER, told

from sekisho.app.decisions import open_decisions
from sekisho.app.register import load_register
from sekisho.app.restoring.planning import plan
from sekisho.app.restoring.records import Restoration, asked_for
from sekisho.app.restoring.staging import Staged, applied_at, next_stage, staged
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.restore.stages import Register

TH_JP, TH_US = frozenset({"th-plant", "jp-hq"}), frozenset({"th-plant", "us-plant"})


def stages(workspace: Workspace) -> tuple[Staged, ...]:
    with open_decisions(workspace) as decisions:
        loaded = load_register(workspace, decisions, now=LATER, by="aiko")
        register = Register(loaded.inventory, loaded.policy, LATER)
        one = asked_for(decisions.state.restorations(), "1")
        return staged(one, decisions.state.plans(), register)


def planned(workspace: Workspace) -> Restoration:
    with open_decisions(workspace) as decisions:
        return asked_for(decisions.state.restorations(), "1")


def test_each_stage_lifts_the_plan_before_it(cut: Workspace) -> None:
    plan(cut, ["P-1"], ["rule:TH-HQ-STOCK", "link:th-plant <-> jp-hq"], now=LATER, by="aiko")
    found = stages(cut)
    assert [one.pairs for one in found] == [{TH_JP}, {TH_JP}, {TH_US}]
    assert [one.steps[0].lifts.id for one in found] == ["P-1"] * 3
    left = [one.steps[0].left for one in found]
    assert [one and (one.sever, one.allow) for one in left] == [
        (("site:th-plant",), ("TH-HQ-EDI", "TH-HQ-STOCK")),
        (("link:th-plant <-> us-plant",), ("TH-HQ-EDI", "TH-HQ-STOCK")),
        None,
    ]
    assert next_stage(found, planned(cut)).number == 1
    assert not any(one.done or one.under_way for one in found)


def test_what_was_lifted_is_done(cut: Workspace) -> None:
    plan(cut, ["P-1"], [], now=LATER, by="aiko")
    with open_decisions(cut) as decisions:
        assert applied_at(decisions.state.plans(), "P-1") == CUT
        body = {"plan": "P-1", "state": "applied_elsewhere"}
        decisions.decide("plan.lift", body, at=LATER, by="aiko")
    (one,) = stages(cut)
    assert one.under_way
    told(cut, "P-1", LATER, to="lifted")
    (one,) = stages(cut)
    assert (one.done, one.lifted_at, one.recontained) == (True, LATER, False)
    with pytest.raises(RequestError, match="every stage of R-1 is lifted"):
        next_stage((one,), planned(cut))


def test_what_no_gateway_took_can_be_lifted_again(cut: Workspace) -> None:
    plan(cut, ["P-1"], [], now=LATER, by="aiko")
    with open_decisions(cut) as decisions:
        for state in ("lifting", "confirmed"):
            body = {"plan": "P-1", "state": "confirmed", "results": {"th-gw": {"state": state}}}
            decisions.decide("plan.lift", body, at=LATER, by="aiko")
            (one,) = stages(cut)
            assert one.under_way is (state == "lifting")
