from __future__ import annotations

from collections.abc import Callable

from sekisho.audit.automation.contacts import Contacts
from sekisho.audit.automation.lasting import lasting

Make = Callable[..., Contacts]
HOUR = 3_600
MICROS = 1_000_000


def test_sessions_of_a_day_are_summed_and_the_fullest_day_is_said(contacts: Make) -> None:
    found = lasting(contacts([0, 5 * HOUR, 30 * HOUR], [0], lasted=HOUR), 2 * HOUR * MICROS)
    assert (found.number.tolist(), found.day.tolist()) == ([0], [0])
    assert found.open.tolist() == [2 * HOUR * MICROS]
    assert found.longest.tolist() == [HOUR * MICROS]


def test_a_session_over_midnight_counts_on_either_day(contacts: Make) -> None:
    found = lasting(contacts([20 * HOUR], lasted=10 * HOUR), HOUR * MICROS)
    assert (found.day.tolist(), found.open.tolist()) == ([1], [6 * HOUR * MICROS])
    assert found.longest.tolist() == [10 * HOUR * MICROS]


def test_a_session_of_years_costs_no_more_than_days(contacts: Make) -> None:
    found = lasting(contacts([HOUR], lasted=5 * 365 * 24 * HOUR), HOUR * MICROS)
    assert (found.day.tolist(), found.open.tolist()) == ([1], [24 * HOUR * MICROS])


def test_nothing_is_long(contacts: Make) -> None:
    assert len(lasting(contacts([]), 1).number) == 0
    assert len(lasting(contacts([1, 2]), HOUR * MICROS).number) == 0
