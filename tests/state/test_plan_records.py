from __future__ import annotations

from sekisho.state.plan_records import PLAN_ACTIONS
from sekisho.state.plan_taking import TAKERS


def test_every_action_is_taken_over() -> None:
    assert {f"plan.{action}" for action in PLAN_ACTIONS} | {"plan.draft"} == set(TAKERS)
