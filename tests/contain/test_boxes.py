from __future__ import annotations

from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st

from sekisho.contain.boxes import Box, disjoint, minus

RANGE = st.tuples(st.integers(0, 7), st.integers(0, 4)).map(lambda p: (p[0], p[0] + p[1]))
BOX = st.tuples(RANGE, RANGE, RANGE)


def points(boxes: list[Box]) -> list[tuple[int, ...]]:
    return [p for box in boxes for p in product(*(range(a, b + 1) for a, b in box))]


@given(st.lists(BOX, max_size=8))
def test_the_same_points_none_twice(boxes: list[Box]) -> None:
    found = points(disjoint(boxes))
    assert len(found) == len(set(found))
    assert set(found) == set(points(boxes))


@given(BOX, BOX)
def test_what_is_left_of_a_box(box: Box, other: Box) -> None:
    left = list(minus(box, other))
    assert set(points(left)) == set(points([box])) - set(points([other]))
    assert all(not set(points([a])) & set(points([b])) for a, b in combinations(left, 2))


def test_a_box_inside_another_needs_none() -> None:
    assert disjoint([((1, 2), (5, 5)), ((0, 9), (0, 9))]) == [((0, 9), (0, 9))]
