from __future__ import annotations

from datetime import UTC, datetime

from sekisho.investigate.relays.base import Held, Stitch, span_of
from sekisho.model.sites import Relay
from sekisho.model.validity import ALWAYS, Validity

JUMP = Relay("jump", "jump", ())


def test_a_host_is_a_relay_in_its_time_alone() -> None:
    until = span_of(Validity(None, datetime(2024, 1, 1, tzinfo=UTC)))
    held = Held(JUMP, {7: (until,)})
    new_year = 1_704_067_200_000_000
    assert held.at(7, new_year - 1)
    assert not held.at(7, new_year)
    assert Held(JUMP, {7: (span_of(ALWAYS),)}).at(7, 0)


def test_without_a_leg_it_is_hidden() -> None:
    assert Stitch(JUMP, 1, 2, 0.0, "why").hidden
