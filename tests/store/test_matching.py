"""Which views are one flow: against a plain loop, and fragments beside a view of the whole."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.store.matching import clusters

TIGHT, WIDE = 10, 40
VIEWS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 200), st.integers(0, 2)), max_size=30)


def runs(views: list[tuple[int, int, int, int]], within: int) -> list[list[int]]:
    """Greedy: from the first view on as long as it is near enough and no sensor comes twice."""
    found: list[list[int]] = []
    for _, same in groupby(views, key=lambda view: view[0]):
        first, sensors = None, set[int]()
        for _, at, sensor, place in same:
            if first is None or at - first > within or sensor in sensors:
                found.append([])
                first, sensors = at, set()
            found[-1].append(place)
            sensors.add(sensor)
    return found


@given(VIEWS)
def test_it_equals_a_plain_loop(drawn: list[tuple[int, int, int]]) -> None:
    numbers = {n: place for place, n in enumerate(sorted({tuple_ for tuple_, _, _ in drawn}))}
    views = [(numbers[t], at, s, place) for place, (t, at, s) in enumerate(sorted(drawn))]
    near = runs(views, TIGHT)
    alone = [views[one[0]] for one in near if len(one) == 1]
    wanted = [one for one in near if len(one) > 1] + runs(alone, WIDE)
    tuple_, at, sensor, place = (np.array([v[n] for v in views], dtype=np.int64) for n in range(4))
    # Each ends long after the one before it, so that none lies inside another.
    found = clusters(tuple_, sensor, at, at + 1000 * (place + 1), TIGHT, WIDE)
    assert sorted(wanted) == sorted(np.flatnonzero(found == one).tolist() for one in np.unique(found))


@pytest.mark.parametrize("far", [2_000, 1 << 62])
def test_fragments_belong_to_the_view_of_the_whole(far: int) -> None:
    """`far` is another flow's end: hostile times must not change what the others come to."""
    tuple_ = np.array([0, 0, 0, 0, 0, 1, 1])
    sensor = np.array([0, 1, 1, 1, 1, 0, 1])
    at = np.array([0, 2, 300, 600, 5000, 0, 9000])
    until = np.array([1000, 290, 590, 990, 5100, far, 9001])
    found = clusters(tuple_, sensor, at, until, TIGHT, WIDE).tolist()
    assert len(set(found[:4])) == 1
    assert found[4] != found[0], "the same ports later are another flow"
    assert found[5] not in found[:5]


def test_nothing_gives_nothing() -> None:
    none = np.empty(0, dtype=np.int64)
    assert clusters(none, none, none, none, TIGHT, WIDE).tolist() == []
