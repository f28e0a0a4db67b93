from typing import get_args

from sekisho.state.records import ACTIONS, Action, Cursor
from sekisho.state.taking import _TAKERS


def test_nothing_taken_is_before_the_first_entry() -> None:
    assert Cursor() == Cursor(0, "", 0)


def test_every_action_on_a_finding_is_taken_over() -> None:
    assert get_args(Action) == ACTIONS
    assert {f"finding.{action}" for action in ACTIONS} <= set(_TAKERS)
