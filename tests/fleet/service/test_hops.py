from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sekisho.fleet.service.hops import MOST, WITHIN, heard
from sekisho.model.nodes import Caller
from sekisho.model.terminals import Sighting

AT = datetime(2026, 3, 1, tzinfo=UTC)


def caller() -> Caller:
    return Caller(1, "", Sighting("pc1"), "pc1", AT, "10.1.0.1", "", None, 0)


def test_a_machine_that_moves_and_stays_is_one() -> None:
    one = caller()
    for n in range(40):
        assert heard(one, f"10.1.0.{n // 10}", AT + timedelta(minutes=n))
    assert (one.hops, one.address) == (0, "10.1.0.3")
    assert one.seen == AT + timedelta(minutes=39)


def test_two_that_take_turns_are_two() -> None:
    one = caller()
    found = [heard(one, ("10.1.0.1", "10.2.0.2")[n % 2], AT + timedelta(minutes=n)) for n in range(9)]
    assert found.index(False) == MOST + 1


def test_somebody_who_goes_home_each_evening_is_one() -> None:
    one = caller()
    for n in range(40):
        assert heard(one, ("10.1.0.1", "10.2.0.2")[n % 2], AT + (WITHIN + timedelta(minutes=1)) * n)


def test_a_clock_that_was_set_back_makes_nothing_older() -> None:
    one = caller()
    assert heard(one, "10.1.0.1", AT - timedelta(days=1))
    assert one.seen == AT
