from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.fleet.campaigns.course import Course
from sekisho.fleet.campaigns.steps import PATIENCE, Reach, exceeded, step
from sekisho.model.campaigns import Limits, Tally
from sekisho.model.terminals import Campaign

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
NOW = BEGIN + timedelta(hours=2)
CAMPAIGN = Campaign("march", ("services",), BEGIN, seq=4)
FIRST = Course("running", 0, BEGIN)
REACH = {0: Reach(100, 50), 1: Reach(900, 400), 2: Reach(9000, 5000)}


def action(course: Course, tallies: dict[int, Tally], reach: dict[int, Reach] = REACH) -> str | None:
    found = step(CAMPAIGN, course, tallies, reach, NOW)
    return None if found is None else found.action


def test_the_next_stage_waits_for_enough_of_this_one() -> None:
    assert action(FIRST, {0: Tally(50, 44)}) is None
    assert action(FIRST, {0: Tally(50, 45)}) == "widen"
    assert action(Course("running", 1, BEGIN), {0: Tally(50, 50)}) is None
    assert action(Course("running", 1, BEGIN), {0: Tally(50, 50), 1: Tally(400, 360)}) == "widen"
    assert action(Course("running", 2, BEGIN), {0: Tally(50, 50), 1: Tally(400, 400)}) is None


def test_nothing_moves_that_is_paused_or_over() -> None:
    for state in ("paused", "ended", "expired"):
        assert action(Course(state, 0, BEGIN), {0: Tally(50, 50, failed=50)}) is None  # type: ignore[arg-type]


def test_a_stage_of_nobody_is_passed_over_and_an_absent_one_waited_for_a_day() -> None:
    others = {2: Reach(9, 9)}
    assert action(FIRST, {}, others) == "widen"
    assert action(FIRST, {}, {}) is None
    away = {0: Reach(5, 0), 2: Reach(9, 9)}
    assert step(CAMPAIGN, FIRST, {}, away, BEGIN + PATIENCE - timedelta(seconds=1)) is None
    found = step(CAMPAIGN, FIRST, {}, away, BEGIN + PATIENCE)
    assert found is not None
    assert found.action == "widen"


def test_failures_pause_it_and_say_so() -> None:
    found = step(CAMPAIGN, FIRST, {0: Tally(60, 50, failed=3, denylisted=2)}, REACH, NOW)
    assert found is not None
    assert found.action == "pause"
    assert "3 terminals failed, 2 of them denylisted" in found.why


def test_what_a_person_saw_when_it_was_resumed_does_not_pause_it_again() -> None:
    seen = Tally(60, 50, failed=20)
    assert exceeded(Limits(), seen, seen) == ""
    assert exceeded(Limits(), Tally(160, 150, failed=22), seen) == ""
    assert exceeded(Limits(), Tally(160, 150, failed=26), seen)


def test_one_terminal_alone_pauses_nothing() -> None:
    assert exceeded(Limits(), Tally(1, 1, failed=1, heavy=1)) == ""
    assert exceeded(Limits(), Tally(3, 3, heavy=3)).startswith("3 terminals used more")


counts = st.integers(0, 500)


@settings(max_examples=60)
@given(counts, counts, counts, counts)
def test_it_never_widens_beyond_its_limits(done: int, failed: int, heavy: int, there: int) -> None:
    tally = Tally(500, done, failed, 0, heavy)
    found = step(CAMPAIGN, FIRST, {0: tally}, {0: Reach(500, there)}, NOW)
    if exceeded(CAMPAIGN.limits, tally):
        assert found is not None
        assert found.action == "pause"
    elif found is not None:
        assert done >= 0.9 * there
