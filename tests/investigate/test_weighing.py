"""What speaks for a step, given what is known."""

from collections.abc import Callable

import pytest

from sekisho.investigate.dating import Dating
from sekisho.investigate.fabric import Fabric
from sekisho.investigate.factors import timing
from sekisho.investigate.factors.base import Step
from sekisho.investigate.moments import HOUR
from sekisho.investigate.steps import Known, Scored
from sekisho.investigate.talks import Talk, Talks
from sekisho.investigate.weighing import EXPLAINED, IDLE, Weighing
from sekisho.model.verdicts import Rank

Woven, Hour = Callable[..., Fabric], Callable[[float], int]
ROWS = [
    ("10.4.0.1", "10.1.0.1", 3389, Rank.UNAUTHORIZED, 50, 1),
    ("10.1.0.1", "10.2.0.1", 445, Rank.AUTHORIZED, 2, 5),
    ("10.2.0.1", "10.3.0.1", 22, Rank.UNAUTHORIZED, 80, 1),
    ("10.1.0.1", "203.0.113.5", 443, Rank.EXTERNAL, 70, 1),
    *((f"10.1.1.{n}", "10.2.0.1", 445, Rank.AUTHORIZED, 2, 5) for n in range(30)),
]


def weighed(made: Fabric, row: int, at: int, *known_rows: int, without: str = "") -> dict[str, float]:
    bad = {n: int(made.first[n]) for n in (0, 2)}
    talks = Talks({row: (Talk(at, at + 60_000_000, 9_000, 9_000, "a"),)})
    known = Known(made, talks, bad)
    for one in known_rows:
        step = Step(one, "connect", int(made.src[one]), int(made.dst[one]))
        known.steps[one] = Scored(step, int(made.first[one]), ())
    src, dst = int(made.src[row]), int(made.dst[row])
    outside = not made.internal(dst)
    step = Step(row, "reverse", dst, src) if outside else Step(row, "connect", src, dst)
    weighing = Weighing(known, Dating(known), frozenset({without}))
    return {weight.id: weight.value for weight in weighing.weigh(step, at)}


def test_a_bridge_says_already_how_many_use_its_destination(woven: Woven, at_hour: Hour) -> None:
    made = woven(ROWS)
    found = weighed(made, 1, at_hour(60), 0)
    assert {"onward", "bridge", "gap"} <= found.keys()
    assert "prevalence" not in found
    assert "prevalence" in weighed(made, 1, at_hour(60), 0, without="bridge")


def test_backwards_it_is_weighed_by_what_it_explains(woven: Woven, at_hour: Hour) -> None:
    made = woven(ROWS)
    found = weighed(made, 0, at_hour(50), 3)
    assert found.keys() & {"gap", "order", "explained"} == {"gap"}
    late = weighed(made, 0, at_hour(50), 1)
    assert late.keys() & {"gap", "order", "explained"} == {"order"}, "its responder had acted before"
    idle = weighed(made, 0, at_hour(50))
    assert idle["explained"] == IDLE, "nothing is known that it would explain"


@pytest.mark.parametrize(("at", "explained"), [(52, False), (70, True)])
def test_a_host_that_does_nothing_else_calls_home_soon_after_control_came_or_not_at_all(
    woven: Woven, at_hour: Hour, at: float, explained: bool
) -> None:
    made = woven(ROWS)
    found = weighed(made, 3, at_hour(at), 0)
    assert found.get("explained") == (EXPLAINED if explained else None)


def test_what_its_destination_did_next_speaks_for_a_step_that_no_rule_allows_too(
    woven: Woven, at_hour: Hour
) -> None:
    made = woven(
        [
            ("10.1.0.1", "10.2.0.1", 445, Rank.UNAUTHORIZED, 60, 1),
            ("10.1.0.1", "10.2.0.2", 445, Rank.UNAUTHORIZED, 60, 1),
            ("10.2.0.1", "10.3.0.1", 22, Rank.UNAUTHORIZED, 80, 1),
            ("10.4.0.1", "10.1.0.1", 3389, Rank.UNAUTHORIZED, 50, 1),
        ]
    )
    known = Known(made, Talks(), {n: int(made.first[n]) for n in range(4)})
    reached = Step(3, "connect", int(made.src[3]), int(made.dst[3]))
    known.steps[3] = Scored(reached, int(made.first[3]), ())
    weighing = Weighing(known, Dating(known))

    def ids(row: int) -> set[str]:
        step = Step(row, "connect", int(made.src[row]), int(made.dst[row]))
        return {weight.id for weight in weighing.weigh(step, at_hour(60))}

    assert "onward" in ids(0)
    assert "onward" not in ids(1), "nothing came of it"


def test_a_call_home_that_nobody_could_see_begin_may_have_begun_at_once(
    woven: Woven, at_hour: Hour
) -> None:
    made = woven(ROWS)
    known = Known(made, Talks({3: (Talk(at_hour(70), at_hour(71), 9, 9, "a"),)}), {})
    step = Step(0, "connect", int(made.src[0]), int(made.dst[0]))
    known.steps[0] = Scored(step, int(made.first[0]), ())
    home = Step(3, "reverse", int(made.dst[3]), int(made.src[3]))
    ids = []
    for known.unwatched in (lambda _row: None, lambda _row: at_hour(45)):
        weighing = Weighing(known, Dating(known))
        ids.append({weight.id for weight in weighing.weigh(home, at_hour(70))})
    assert "explained" in ids[0] - ids[1]
    assert "prompt" in ids[1] - ids[0]


@pytest.mark.parametrize(("reached_by", "turned"), [("10.4.0.1", True), ("10.1.0.1", False)])
def test_nobody_gets_hold_of_the_host_that_they_are_steered_from(
    woven: Woven, at_hour: Hour, reached_by: str, turned: bool
) -> None:
    made = woven(
        [
            ("10.1.0.1", "10.2.0.1", 135, Rank.UNAUTHORIZED, 60, 1),
            (reached_by, "10.2.0.1", 9001, Rank.UNAUTHORIZED, 59, 1),
        ]
    )
    talks = Talks({0: (Talk(at_hour(60), at_hour(62), 9, 9, "a"),)})
    known = Known(made, talks, {n: int(made.first[n]) for n in range(2)})
    came = Step(1, "connect", int(made.src[1]), int(made.dst[1]))
    known.steps[1] = Scored(came, int(made.first[1]), ())
    step = Step(0, "reverse", int(made.dst[0]), int(made.src[0]))
    weights = Weighing(known, Dating(known)).weigh(step, at_hour(60))
    assert any(weight.id == "direction" for weight in weights) is turned


STAR = [
    ("10.1.0.1", "10.2.0.1", 22, Rank.UNAUTHORIZED, 90, 1),
    ("10.4.0.1", "10.1.0.1", 22, Rank.UNAUTHORIZED, 40, 1),
    ("10.4.0.1", "10.3.0.1", 22, Rank.UNAUTHORIZED, 41, 1),
    ("10.3.0.1", "10.1.0.1", 445, Rank.UNAUTHORIZED, 42, 1),
]


@pytest.mark.parametrize(
    ("known_rows", "seed", "gap_hours"),
    [
        pytest.param((0, 1, 2), 0, 50, id="its source is in it for this step alone"),
        pytest.param((0, 1, 2, 3), 0, 1, id="something else joins its source to the seed"),
        pytest.param((0, 1, 2), 2, 1, id="its source is asked about"),
    ],
)
def test_what_is_known_of_a_source_by_one_step_alone_does_not_speak_for_that_step(
    woven: Woven, at_hour: Hour, known_rows: tuple[int, ...], seed: int, gap_hours: int
) -> None:
    made = woven(STAR)
    known = Known(made, Talks(), {n: int(made.first[n]) for n in range(4)}, seeds={seed})
    for row in known_rows:
        step = Step(row, "connect", int(made.src[row]), int(made.dst[row]))
        known.steps[row] = Scored(step, int(made.first[row]), ())
    weights = Weighing(known, Dating(known)).weigh(known.steps[1].step, at_hour(40))
    gap = next(weight.value for weight in weights if weight.id == "gap")
    assert gap == pytest.approx(timing.gap(0, gap_hours * HOUR, arrived=True).value)


def test_a_session_that_was_open_when_its_host_went_on_speaks_for_itself_looking_back_too(
    woven: Woven, at_hour: Hour
) -> None:
    made = woven(
        [
            ("10.1.0.1", "10.2.0.1", 22, Rank.UNAUTHORIZED, 60, 1),
            ("10.4.0.1", "10.1.0.1", 445, Rank.UNAUTHORIZED, 59, 1),
            ("10.3.0.1", "10.1.0.1", 445, Rank.UNAUTHORIZED, 50, 1),
        ]
    )

    def talk(begin: float, end: float) -> tuple[Talk, ...]:
        return (Talk(at_hour(begin), at_hour(end), 90_000, 900_000, "a"),)

    talks = Talks({0: talk(60, 63), 1: talk(59.9, 63.1), 2: talk(50, 50.1)})
    known = Known(made, talks, {n: int(made.first[n]) for n in range(3)}, seeds={0})
    step = Step(0, "connect", int(made.src[0]), int(made.dst[0]))
    known.steps[0] = Scored(step, at_hour(60), ())
    weighing = Weighing(known, Dating(known))
    ids = [
        {w.id for w in weighing.weigh(Step(row, "connect", int(made.src[row]), int(made.dst[row])), at)}
        for row, at in ((1, at_hour(59.9)), (2, at_hour(50)))
    ]
    assert {"overlap", "relay"} <= ids[0]
    assert not {"overlap", "relay"} & ids[1]
