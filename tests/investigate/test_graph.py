"""Paths in which time only runs forwards."""

from sekisho.investigate.factors.base import Step, Weight
from sekisho.investigate.graph import StepGraph
from sekisho.investigate.steps import Scored


def step(row: int, tail: int, head: int, at: int, total: float = 1.0) -> Scored:
    return Scored(Step(row, "connect", tail, head), at, (Weight("all", total, ""),))


def rows(graph: StepGraph) -> list[list[int]]:
    return [[s.step.row for s in route.steps] for route in graph.routes()]


def test_a_chain_is_one_path_and_its_score_that_of_its_weakest_step() -> None:
    graph = StepGraph([step(2, 2, 3, 30, 0.2), step(0, 0, 1, 10), step(1, 1, 2, 20)])
    assert rows(graph) == [[0, 1, 2]]
    assert graph.routes()[0].score == step(9, 0, 0, 0, 0.2).likelihood
    assert {scored.step.head for scored in graph.steps_from(0)} == {1, 2, 3}
    assert len(graph.parts()) == 1


def test_no_step_follows_from_a_later_one() -> None:
    graph = StepGraph([step(0, 0, 1, 50), step(1, 1, 2, 20)])
    assert sorted(rows(graph)) == [[0], [1]]
    assert len(graph.parts()) == 2


def test_a_cycle_ends_where_the_path_has_been() -> None:
    there_and_back = [step(0, 0, 1, 10), step(1, 1, 0, 20), step(2, 0, 1, 30), step(3, 1, 2, 40)]
    graph = StepGraph(there_and_back)
    for path in rows(graph):
        tails = [there_and_back[row].step.tail for row in path]
        assert len(tails) == len(set(tails))
    assert {row for path in rows(graph) for row in path} == {0, 1, 2, 3}


def test_the_likelier_way_comes_first_and_no_step_is_left_out() -> None:
    graph = StepGraph([step(0, 0, 2, 10, -0.3), step(1, 1, 2, 11, 2.0), step(2, 2, 3, 20)])
    assert rows(graph) == [[1, 2], [0, 2]]
    wide = StepGraph([step(n, 0, n + 1, n) for n in range(100)])
    assert len(rows(wide)) == 100


def test_nothing_has_no_path() -> None:
    assert StepGraph([]).routes() == []


def test_scores_fall_down_the_list_however_long_the_paths_are() -> None:
    short = [step(0, 10, 11, 10, 0.3)]
    long = [step(1, 0, 1, 10), step(2, 1, 2, 90_000_000_000_000), step(3, 2, 3, 180_000_000_000_000)]
    graph = StepGraph([*short, *long])
    assert rows(graph) == [[1, 2, 3], [0]]
    scores = [route.score for route in graph.routes()]
    assert scores == sorted(scores, reverse=True)
