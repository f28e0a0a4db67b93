from __future__ import annotations

from datetime import UTC, datetime

from sekisho.model.plans import (
    ExemptionDocument,
    PlanDocument,
    PlanGateway,
    PlansDocument,
    StageDocument,
    StagingDocument,
    UnenforceableDocument,
)
from sekisho.reports.plans import exemption_report, headline, plan_report, plans_report

PLAN = PlanDocument.model_validate(
    {
        "id": "P-1",
        "hash": "ab" * 32,
        "state": "draft",
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "by": "aiko",
        "sever": ("link:th <-> jp",),
        "keep_tier": "essential",
        "incident": "INC-3",
        "reason": "found on the audit",
        "policy_sha256": "",
        "inventory_sha256": "",
        "gateways_sha256": "",
        "gateways": (PlanGateway(name="g", platform="nftables", address="10.0.0.1", deliver="ssh"),),
        "unenforceable": ({"from": "th", "to": "us", "why": "no gateway"},),
        "warnings": ("look",),
    }
)


def test_a_plan_in_a_sentence_and_tables() -> None:
    assert headline(PLAN) == (
        "P-1 (draft): severs link:th <-> jp but rules of tier essential at 1 gateway for INC-3."
    )
    report = plan_report(PLAN)
    rows = {sheet.name: sheet.rows for sheet in report.sheets}
    assert rows["gateway"] == (("g", "nftables", "ssh", "pending", None),)
    assert rows["unenforceable"] == (("th", "us", "no gateway"),)
    assert report.notes == ("reason: found on the audit", f"hash {'ab' * 32}", "look")
    assert isinstance(PLAN.unenforceable[0], UnenforceableDocument)


def test_a_plan_that_no_gateway_carries_says_so() -> None:
    assert "at no gateway" in headline(PLAN.model_copy(update={"gateways": ()}))


def test_all_plans() -> None:
    report = plans_report(PlansDocument(plans=(PLAN,)))
    assert report.headline == "1 plan."
    assert report.sheets[0].rows[0][:5] == ("P-1", "draft", "link:th <-> jp", "INC-3", 1)


def test_stages_with_what_was_seen_of_each() -> None:
    first = StageDocument(
        number=1, sites=("th", "jp"), gateways=("g",), state="halted", why="3 escaped", escaped=3
    )
    staging = StagingDocument(soak=600, patience=60, accept_escaped=0, accept_broken=1, stages=(first,))
    report = plan_report(PLAN.model_copy(update={"staging": staging}))
    (rows,) = (sheet.rows for sheet in report.sheets if sheet.name == "stage")
    assert rows == ((1, "th; jp", 1, "halted", 3, None, None, "3 escaped"),)
    assert "10 minutes of evidence after one show at most 0 escaped and at most 1" in report.notes[1]
    assert "stage" not in {sheet.name for sheet in plan_report(PLAN).sheets}


def test_what_no_gateway_was_told_is_not_open() -> None:
    def said(*states: str) -> str:
        document = ExemptionDocument.model_validate(
            {
                "id": "X-1",
                "state": "open",
                "sentence": "th -> jp : smb",
                "until": datetime(2026, 1, 1, tzinfo=UTC),
                "reason": "stock",
                "hash": "00",
                "plans": ("P-1",),
                "gateways": [{"name": f"gw-{n}", "state": state} for n, state in enumerate(states)],
            }
        )
        return exemption_report(document).headline

    assert "smb is open until" in said("applied", "applied")
    assert "is open at 1 of 2 gateways until" in said("applied", "pending")
    assert "may be open until" in said("pending")
    assert said("pending").endswith("although P-1 cuts it; no gateway was told.")
