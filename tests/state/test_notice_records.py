from __future__ import annotations

from sekisho.state.notice_records import NOTICE_ACTIONS
from sekisho.state.notice_taking import TAKERS


def test_every_action_is_taken() -> None:
    assert set(TAKERS) == {f"notify.{action}" for action in NOTICE_ACTIONS}
