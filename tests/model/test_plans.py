from __future__ import annotations

from datetime import UTC, datetime

from sekisho.model.plans import PlanDocument, UnenforceableDocument


def test_names_that_others_rely_on() -> None:
    pair = UnenforceableDocument.model_validate({"from": "th", "to": "jp", "why": "no gateway"})
    assert pair.model_dump(by_alias=True) == {"from": "th", "to": "jp", "why": "no gateway"}
    plan = PlanDocument(
        id="P-1",
        hash="0" * 64,
        state="draft",
        at=datetime(2026, 1, 1, tzinfo=UTC),
        by="aiko",
        sever=("all",),
        policy_sha256="",
        inventory_sha256="",
        gateways_sha256="",
    )
    assert plan.model_dump(by_alias=True)["schema"] == "sekisho.plan/1"
