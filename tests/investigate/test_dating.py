"""When a connection was used as a step."""

from collections.abc import Callable

import pytest

from sekisho.investigate.dating import BEFORE, Dating
from sekisho.investigate.fabric import Fabric
from sekisho.investigate.factors.base import Step
from sekisho.investigate.moments import DAY
from sekisho.investigate.steps import Known, Scored
from sekisho.investigate.talks import Talk, Talks
from sekisho.model.verdicts import Rank

Woven, Hour = Callable[..., Fabric], Callable[[float], int]
ROWS = [
    ("10.4.0.1", "10.1.0.1", 3389, Rank.UNAUTHORIZED, 50, 1),
    ("10.1.0.1", "10.2.0.1", 445, Rank.AUTHORIZED, 2, 5),
    ("10.2.0.1", "10.3.0.1", 22, Rank.UNAUTHORIZED, 80, 1),
]


def looked(made: Fabric, at_hour: Hour, **sizes: int) -> tuple[Dating, Step]:
    """The permitted one between the others was used at 10, 20, 40, 60 and 70 hours; `sizes` by `hNN`."""
    used = tuple(
        Talk(at_hour(hour), at_hour(hour) + 1, sizes.get(f"h{hour}", 9_000), 0, "a")
        for hour in (10, 20, 30, 40, 60, 70)
    )
    bad = {0: at_hour(50), 2: at_hour(80)}
    return Dating(Known(made, Talks({1: used}), bad)), Step(
        1, "connect", int(made.src[1]), int(made.dst[1])
    )


def knowing(dating: Dating, *rows: int) -> None:
    made = dating.known.fabric
    for row in rows:
        step = Step(row, "connect", int(made.src[row]), int(made.dst[row]))
        dating.known.steps[row] = Scored(step, int(made.first[row]), ())


def test_what_no_rule_allows_was_misused_when_it_first_came_about(woven: Woven, at_hour: Hour) -> None:
    made = woven(ROWS)
    dating, _ = looked(made, at_hour)
    assert dating.time(Step(0, "connect", int(made.src[0]), int(made.dst[0]))) == at_hour(50)


def test_a_permitted_one_is_taken_for_misused_after_control_had_come(
    woven: Woven, at_hour: Hour
) -> None:
    dating, step = looked(woven(ROWS), at_hour)
    knowing(dating, 0)
    assert dating.time(step) == at_hour(60)


def test_looking_back_it_is_the_use_after_somebody_had_come_to_its_source(
    woven: Woven, at_hour: Hour
) -> None:
    dating, step = looked(woven(ROWS), at_hour)
    knowing(dating, 2)
    assert dating.time(step) == at_hour(60)


def test_the_session_that_carried_most_goes_before_the_next_one(woven: Woven, at_hour: Hour) -> None:
    dating, step = looked(woven(ROWS), at_hour, h70=90_000_000)
    knowing(dating, 0)
    assert dating.time(step) == at_hour(70)
    assert [one.at for one in dating.bulks(1)] == [at_hour(70)]


def test_what_led_to_what_its_destination_did_goes_before_a_larger_session_after_that(
    woven: Woven, at_hour: Hour
) -> None:
    made = woven([*ROWS, ("10.2.0.1", "10.3.0.2", 22, Rank.UNAUTHORIZED, 65, 1)])
    dating, step = looked(made, at_hour, h70=90_000_000)
    knowing(dating, 0, 3)
    assert dating.time(step) == at_hour(60)


def test_a_day_unlike_its_others_goes_before_the_next_session(woven: Woven, at_hour: Hour) -> None:
    made = woven(ROWS)
    dating, step = looked(made, at_hour)
    begin = at_hour(70) // DAY * DAY
    dating.known.changed = {1: [(begin, "40 times as much")]}
    knowing(dating, 0)
    expected = min(at for at in (at_hour(60), at_hour(70)) if begin <= at < begin + DAY)
    assert dating.time(step) == expected


def test_what_is_not_on_record_as_a_session_has_no_time_unless_it_was_asked_about(
    woven: Woven, at_hour: Hour
) -> None:
    made = woven(ROWS)
    dating = Dating(Known(made, Talks(), {}))
    step = Step(1, "connect", int(made.src[1]), int(made.dst[1]))
    assert dating.time(step) is None
    dating.known.seeds = {1}
    assert dating.time(step) == at_hour(2)


CALLS = [
    ("10.1.0.1", "203.0.113.5", 443, Rank.EXTERNAL, 70, 9),
    ("10.1.0.1", "10.2.0.1", 22, Rank.UNAUTHORIZED, 60, 1),
    ("10.4.0.1", "10.1.0.1", 22, Rank.UNAUTHORIZED, 55, 1),
]


@pytest.mark.parametrize(
    ("since", "known", "bounded"),
    [
        pytest.param(40, (1,), True, id="its begin was hidden when its host acted"),
        pytest.param(None, (1,), False, id="somebody watched"),
        pytest.param(65, (1,), False, id="nobody watched only after its host had acted"),
        pytest.param(40, (), False, id="its host did nothing"),
        pytest.param(40, (1, 2), False, id="its host had been reached otherwise"),
    ],
)
def test_control_that_nobody_could_see_begin_came_before_what_it_led_to(
    woven: Woven, at_hour: Hour, since: float | None, known: tuple[int, ...], bounded: bool
) -> None:
    made = woven(CALLS)
    talks = Talks({0: (Talk(at_hour(70), at_hour(71), 1, 1, "a"),)})
    hidden = None if since is None else at_hour(since)
    dating = Dating(Known(made, talks, {}, unwatched=lambda _row: hidden))
    knowing(dating, *known)
    step = Step(0, "reverse", int(made.dst[0]), int(made.src[0]))
    at = dating.time(step)
    assert at is not None
    assert (at < at_hour(60)) is bounded
    assert dating.bounded(step, at) is bounded
    assert at in (at_hour(70), at_hour(60) - BEFORE)
