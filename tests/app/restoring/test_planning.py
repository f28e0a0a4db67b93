from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.app.restoring.conftest import LATER, told
from tests.app.restoring.test_lifting import kinds

from sekisho.app.containing.planning import plan as contain
from sekisho.app.decisions import open_decisions
from sekisho.app.restoring.approving import prepare
from sekisho.app.restoring.bypassing import lift as lift_plan
from sekisho.app.restoring.lifting import lift
from sekisho.app.restoring.planning import plan
from sekisho.app.restoring.standing import status
from sekisho.app.workspace import Workspace
from sekisho.errors import Refused, RequestError
from sekisho.model.restrictions import Restriction
from sekisho.reports.restorations import headline

SITE = "site:th-plant"


def test_of_a_plan_everything_is_given_back_in_the_end(cut: Workspace) -> None:
    one = plan(cut, ["1"], ["rule:TH-HQ-STOCK", "link:th-plant <-> jp-hq"], now=LATER, by="aiko")
    assert one.plans == ("P-1",)
    assert one.stages == (("rule:TH-HQ-STOCK",), ("link:th-plant <-> jp-hq",), ("rest",))
    whole = plan(cut, ["1"], [SITE], instead=["R-1"], reason="at once", now=LATER, by="aiko")
    assert (whole.id, whole.stages) == ("R-2", ((SITE,),))


def test_of_a_link_only_the_link(cut: Workspace) -> None:
    contain(cut, Restriction(("all",)), now=LATER, by="aiko")
    one = plan(cut, [], [], links=["th-plant <-> us-plant"], now=LATER, by="aiko")
    assert (one.plans, one.stages) == (("P-1",), (("link:th-plant <-> us-plant",),))
    told(cut, "P-2", LATER + timedelta(minutes=1))
    both = plan(cut, [], [], sites=["us-plant"], instead=["1"], reason="all", now=LATER, by="aiko")
    assert both.plans == ("P-1", "P-2")


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        ({"plans": []}, RequestError, "say what is given back"),
        ({"plans": ["7"]}, RequestError, "there is no plan 7"),
        ({"plans": ["P-2"]}, Refused, "P-2 is not in force"),
        ({"stages": ["link:jp-hq <-> us-plant"]}, RequestError, "stage 1 .* gives back nothing"),
        ({"stages": ["rule:US-ONLY"]}, RequestError, "stage 1 .* gives back nothing"),
        ({"stages": [SITE, "link:th-plant <-> jp-hq"]}, RequestError, "stage 2 .* gives back nothing"),
        ({"plans": [], "links": ["jp-hq <-> us-plant"]}, RequestError, "no plan in force cuts"),
        ({"reason": "x" * 5000}, RequestError, "characters of a reason"),
        ({"stages": [SITE] * 101}, RequestError, "at most 100 stages"),
    ],
)
def test_what_is_refused(
    cut: Workspace, asked: dict[str, Any], error: type[Exception], message: str
) -> None:
    contain(cut, Restriction(("all",)), now=LATER, by="aiko")
    rule = '  - {id: US-ONLY, allow: "us-plant/* -> jp-hq/* : tcp/1"}\ntests:\n'
    policy = cut.root / "policy.yaml"
    policy.write_text(policy.read_text().replace("tests:\n", rule))
    values: dict[str, Any] = {"plans": ["P-1"], "stages": []} | asked
    plans, stages = values.pop("plans"), values.pop("stages")
    with pytest.raises(error, match=message):
        plan(cut, plans, stages, now=LATER, by="aiko", **values)


def test_one_restoration_of_a_plan_at_a_time(cut: Workspace) -> None:
    plan(cut, ["P-1"], ["link:th-plant <-> jp-hq"], now=LATER, by="aiko")
    for links in ((), ("th-plant <-> us-plant",)):
        named = [] if links else ["P-1"]
        with pytest.raises(Refused, match="R-1 gives P-1 back already: stage 1 of 2") as refused:
            plan(cut, named, [], links=links, now=LATER, by="ken")
        assert "--instead R-1" in refused.value.mend
    with pytest.raises(RequestError, match="needs a reason"):
        plan(cut, ["P-1"], [], instead=["1"], now=LATER, by="ken")
    with pytest.raises(RequestError, match="R-7 gives back nothing of P-1"):
        plan(cut, ["P-1"], [], instead=["1", "7"], reason="anew", now=LATER, by="ken")
    assert kinds(cut) == ["restore.plan"]


def test_what_another_was_planned_in_place_of_lifts_nothing_any_more(cut: Workspace) -> None:
    plan(cut, ["P-1"], ["link:th-plant <-> jp-hq"], now=LATER, by="aiko")
    plan(cut, ["P-1"], [], instead=["R-1"], reason="all of it", now=LATER, by="ken")
    for act in (lift, prepare):
        with pytest.raises(Refused, match="R-2 was planned in place of R-1"):
            act(cut, "R-1", now=LATER, by="aiko")
    old = status(cut, "R-1", now=LATER, by="aiko")
    assert (old.replaced_by, old.stages[0].gates) == ("R-2", ())
    assert headline(old).endswith("0 of 2 stages are lifted; R-2 was planned in its place.")
    (text,) = [one.text for one in status(cut, "R-2", now=LATER, by="aiko").history]
    assert text == "1 stage of P-1, in place of R-1"
    with pytest.raises(Refused, match="R-2 gives it back behind gates") as refused:
        lift_plan(cut, "P-1", now=LATER, by="ken")
    assert "R-1" not in str(refused.value)


def test_what_waits_to_be_confirmed_is_not_planned_anew(cut: Workspace) -> None:
    plan(cut, ["P-1"], [], now=LATER, by="aiko")
    with open_decisions(cut) as decisions:
        body = {"plan": "P-1", "state": "applied_elsewhere"}
        decisions.decide("plan.lift", body, at=LATER, by="aiko")
    with pytest.raises(Refused, match="stage 1 of R-1 waits to be confirmed"):
        plan(cut, ["P-1"], [], instead=["R-1"], reason="anew", now=LATER, by="ken")
    told(cut, "P-1", LATER, to="lifted")
    with pytest.raises(Refused, match="P-1 is not in force"):
        plan(cut, ["P-1"], [], now=LATER, by="ken")
