"""What speaks for a step, given what is known."""

from collections.abc import Callable

import pytest

from sekisho.investigate.dating import Dating
from sekisho.investigate.fabric import Fabric
from sekisho.investigate.factors.base import Step
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
