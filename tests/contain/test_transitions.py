from __future__ import annotations

from itertools import combinations_with_replacement
from typing import get_args

import pytest

from sekisho.contain.transitions import follow, state_of
from sekisho.errors import Refused
from sekisho.model.plans import GatewayState
from sekisho.model.restrictions import IN_FORCE


@pytest.mark.parametrize(
    ("gateways", "state"),
    [
        (["applied", "applied"], "applied"),
        (["applied", "confirmed"], "applied"),
        (["confirmed", "elsewhere"], "confirmed"),
        (["elsewhere"], "applied_elsewhere"),
        (["applied", "unreachable"], "partial"),
        (["applied", "pending"], "partial"),
        (["unreachable", "failed"], "failed"),
        (["pending"], "failed"),
        ([], "failed"),
        (["rolled_back", "failed"], "rolled_back"),
        (["lifting", "lifting"], "confirmed"),
        (["lifted", "lifting"], "partial"),
        (["lifted", "confirmed"], "partial"),
        (["lifted"], "lifted"),
    ],
)
def test_a_plan_is_as_far_as_its_gateways(gateways: list[GatewayState], state: str) -> None:
    assert state_of(gateways) == state


def test_what_any_gateway_holds_is_in_force() -> None:
    states: tuple[GatewayState, ...] = get_args(GatewayState)
    for several in combinations_with_replacement(states, 3):
        holds = any(one in ("applied", "confirmed", "elsewhere", "lifting") for one in several)
        assert not holds or state_of(several) in IN_FORCE, several


def test_what_may_not_follow_is_refused() -> None:
    assert follow("P-1", "approved", "applied") == "applied"
    assert follow("P-1", "lifted", "lifted") == "lifted"
    with pytest.raises(Refused, match="P-1 is draft: it cannot become applied"):
        follow("P-1", "draft", "applied")
