"""Where it began."""

from collections.abc import Callable

from sekisho.investigate.entry import origins
from sekisho.investigate.fabric import Fabric
from sekisho.investigate.factors.base import Kind, Step, Weight
from sekisho.investigate.graph import StepGraph
from sekisho.investigate.steps import Scored
from sekisho.model.verdicts import Rank

Woven, Hour = Callable[..., Fabric], Callable[[float], int]
ROWS = [
    ("10.1.0.1", "203.0.113.1", 443, Rank.EXTERNAL, 50, 1),
    ("10.1.0.1", "10.2.0.1", 22, Rank.UNAUTHORIZED, 55, 1),
    ("10.2.0.1", "10.3.0.1", 22, Rank.UNAUTHORIZED, 70, 1),
    ("10.2.0.1", "203.0.113.2", 443, Rank.EXTERNAL, 56, 1),
]


def graph(made: Fabric, *rows: int) -> StepGraph:
    steps = []
    for row in rows:
        src, dst = int(made.src[row]), int(made.dst[row])
        outside = not made.internal(dst)
        kind: Kind = "reverse" if outside else "connect"
        tail, head = (dst, src) if outside else (src, dst)
        steps.append(Scored(Step(row, kind, tail, head), int(made.first[row]), (Weight("x", 2.0, ""),)))
    return StepGraph(steps)


def test_the_first_in_use_from_whom_all_others_were_reached(woven: Woven) -> None:
    made = woven(ROWS)
    ranked = origins(graph(made, 0, 1, 2, 3), made)
    assert [made.address(origin.host) for origin in ranked] == ["10.1.0.1", "10.2.0.1"]
    assert ranked[0].share > 0.9
    assert ranked[0].through is not None
    assert made.address(ranked[0].through) == "203.0.113.1"
    assert sum(origin.share for origin in ranked) == 1.0


def test_a_second_way_in_does_not_make_it_the_first(woven: Woven) -> None:
    made = woven(ROWS)
    without_the_first_beacon = origins(graph(made, 1, 2, 3), made)
    assert made.address(without_the_first_beacon[0].host) == "10.1.0.1"
    assert without_the_first_beacon[0].through is None


def test_a_doubtful_step_long_before_does_not_make_its_source_the_first(woven: Woven) -> None:
    made = woven([*ROWS, ("10.4.0.1", "10.2.0.1", 9100, Rank.UNAUTHORIZED, 3, 1)])
    steps = list(graph(made, 0, 1, 2).steps)
    doubtful = Scored(
        Step(4, "connect", int(made.src[4]), int(made.dst[4])),
        int(made.first[4]),
        (Weight("x", 0.1, ""),),
    )
    ranked = origins(StepGraph([*steps, doubtful]), made)
    assert [made.address(origin.host) for origin in ranked[:2]] == ["10.1.0.1", "10.4.0.1"]
    against = {w.id: w.value for w in ranked[1].weights}["unexplained"]
    assert against == -2.0, "the step that it did not lead to counts as much as it speaks for being one"


def test_nothing_has_no_origin(woven: Woven) -> None:
    assert origins(StepGraph([]), woven(ROWS)) == []
