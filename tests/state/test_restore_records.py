from __future__ import annotations

from sekisho.state.restore_records import RESTORE_ACTIONS
from sekisho.state.restore_taking import TAKERS


def test_every_action_is_taken() -> None:
    assert {f"restore.{action}" for action in RESTORE_ACTIONS} | {"policy.recertify"} == set(TAKERS)
