from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.sources.forwarding import rates
from sekisho.sources.forwarding.rates import BURST, Rates


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_then_the_rate_and_the_wait_that_is_told_suffices() -> None:
    clock = Clock()
    own = Rates(10, clock)
    assert sum(own.take("a") == 0 for _ in range(50)) == 10 * BURST
    wait = own.take("a")
    assert 0 < wait <= 0.1
    clock.now += wait + 1e-9
    assert own.take("a") == 0
    assert own.take("a") > 0
    assert own.take("b") == 0, "each certificate has its own"


def test_the_late_lane_leaves_room_for_the_live_one() -> None:
    own = Rates(10, Clock())
    late = sum(own.take("a", late=True) == 0 for _ in range(50))
    assert 0 < late < 10 * BURST
    assert own.take("a", late=True) > 0
    assert own.take("a") == 0


@given(st.lists(st.floats(0, 3), min_size=1, max_size=200), st.integers(1, 50))
def test_never_more_than_the_rate_and_one_burst(pauses: list[float], rate: int) -> None:
    clock = Clock()
    own = Rates(rate, clock)
    begin, answered = clock.now, 0
    for pause in pauses:
        clock.now += pause
        answered += own.take("a") == 0
        assert answered <= rate * (clock.now - begin + BURST) + 1e-6


def test_what_is_told_apart_is_bounded() -> None:
    own = Rates(1, Clock())
    for number in range(rates.MOST + 5):
        own.take(str(number))
    assert len(own._buckets) == rates.MOST


def test_refusals_are_counted_once() -> None:
    own = Rates(1, Clock())
    for name in ("a", "a", ""):
        own.refused(name)
    noted = own.counted()
    assert noted == {"a": 2, "": 1}
    own.refused("a")
    own.settled(noted)
    assert own.counted() == {"a": 1}, "what came meanwhile is still to be noted"


def test_what_costs_more_waits_longer() -> None:
    clock = Clock()
    own = Rates(10, clock, full=100)
    assert own.take("a", cost=90) == 0
    assert own.take("a", cost=60) == pytest.approx(5)
    assert own.take("a", cost=10) == 0
    assert own.take("a") == pytest.approx(0.1)
