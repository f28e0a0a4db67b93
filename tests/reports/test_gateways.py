from __future__ import annotations

from sekisho.model.gateways import Counted, GatewayDocument, GatewaysDocument, StagedPlan
from sekisho.model.plans import StageDocument, StagingDocument
from sekisho.reports.gateways import gateways_report

BASE = {"platform": "nftables", "address": "10.0.0.1", "deliver": "ssh"}


def test_what_each_holds() -> None:
    held = GatewayDocument.model_validate(
        {
            **BASE,
            "name": "a",
            "reached": True,
            "should_hold": ("P-1",),
            "as_told": True,
            "drift": False,
            "waiting": "P-1",
            "seconds_left": 9,
            "counters": (
                Counted(name="p1_cut", packets=5, bytes=1),
                Counted(name="p1_kept", packets=7, bytes=1),
            ),
        }
    )
    changed = held.model_copy(
        update={"name": "b", "drift": True, "warnings": ("look",), "waiting": None}
    )
    away = GatewayDocument.model_validate({**BASE, "name": "c", "reached": False, "why": "no route"})
    report = gateways_report(GatewaysDocument(gateways=(held, changed, away)))
    assert report.headline == "3 gateways, 1 not as told, 1 not known."
    assert report.sheets[0].rows == (
        ("a", "P-1", "as told", "P-1 for 9 s", 5),
        ("b", "P-1", "changed by others", None, 5),
        ("c", None, "not known", None, None),
    )
    assert report.notes == ("c: no route", "b: look")


def test_a_plan_on_its_way_from_site_to_site() -> None:
    stages = (
        StageDocument(number=1, sites=("th",), gateways=("g",), state="passed", steady=4, broken=0),
    )
    staging = StagingDocument(soak=60, patience=60, accept_escaped=0, accept_broken=0, stages=stages)
    report = gateways_report(GatewaysDocument(staged=(StagedPlan(plan="P-4", staging=staging),)))
    assert report.sheets[1].title == "P-4, site by site"
    assert report.sheets[1].rows == ((1, "th", 1, "passed", None, 0, 4, None),)
