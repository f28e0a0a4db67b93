from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sekisho.sources.forwarding.pacing import BURST, FIRST, LONGEST, Backoff, Pace


def test_waits_double_up_to_the_longest_and_begin_again() -> None:
    backoff = Backoff(lambda: 1.0)
    waits = [backoff.failed() for _ in range(10)]
    assert waits[:3] == [FIRST, 2 * FIRST, 4 * FIRST]
    assert waits[-1] == LONGEST
    backoff.worked()
    assert backoff.failed() == FIRST


@given(st.floats(0, 1, exclude_max=True), st.integers(0, 2000), st.floats(0, 1e9))
def test_a_wait_is_between_half_and_whole_and_what_was_asked_for(
    random: float, failures: int, asked: float
) -> None:
    backoff = Backoff(lambda: random)
    for _ in range(failures):
        backoff.failed()
    wait = backoff.failed(asked)
    assert min(asked, LONGEST) <= wait <= LONGEST
    assert wait >= FIRST / 2


@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=50), st.integers(1000, 10**6))
def test_no_more_than_the_rate_and_all_of_it(sizes: list[int], rate: int) -> None:
    clock = [100.0]
    pace = Pace(rate, lambda: clock[0])
    for size in sizes:
        clock[0] += pace.take(size)
    took = clock[0] - 100.0
    assert sum(sizes) <= rate * (took + BURST) * (1 + 1e-9) + 1e-6
    assert took <= sum(sizes) / rate


def test_what_was_not_used_is_not_saved_up() -> None:
    clock = [0.0]
    pace = Pace(1000, lambda: clock[0])
    clock[0] = 3600.0
    assert pace.take(1000) == 1.0 - BURST
    assert Pace(None, lambda: clock[0]).take(10**12) == 0.0
