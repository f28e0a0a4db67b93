from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.app.restoring.conftest import LATER, told

from sekisho.app.containing.planning import plan as contain
from sekisho.app.restoring.planning import plan
from sekisho.app.workspace import Workspace
from sekisho.errors import Refused, RequestError
from sekisho.model.restrictions import Restriction

SITE = "site:th-plant"


def test_of_a_plan_everything_is_given_back_in_the_end(cut: Workspace) -> None:
    one = plan(cut, ["1"], ["rule:TH-HQ-STOCK", "link:th-plant <-> jp-hq"], now=LATER, by="aiko")
    assert one.plans == ("P-1",)
    assert one.stages == (("rule:TH-HQ-STOCK",), ("link:th-plant <-> jp-hq",), ("rest",))
    whole = plan(cut, ["1"], [SITE], now=LATER, by="aiko")
    assert (whole.id, whole.stages) == ("R-2", ((SITE,),))


def test_of_a_link_only_the_link(cut: Workspace) -> None:
    contain(cut, Restriction(("all",)), now=LATER, by="aiko")
    one = plan(cut, [], [], links=["th-plant <-> us-plant"], now=LATER, by="aiko")
    assert (one.plans, one.stages) == (("P-1",), (("link:th-plant <-> us-plant",),))
    told(cut, "P-2", LATER + timedelta(minutes=1))
    both = plan(cut, [], [], sites=["us-plant"], now=LATER, by="aiko")
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
