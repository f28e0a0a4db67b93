from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sekisho.audit.automation.beacon import Beacons
from sekisho.audit.automation.regular import best, regular


def rows(*given: tuple[int, int, float, float, float]) -> Beacons:
    """(number, gaps, score, timestamps, sizes)."""
    number, gaps, score, timestamps, sizes = (np.array(column) for column in zip(*given, strict=True))
    nothing = np.zeros(len(number))
    period = np.arange(len(number))
    whole = (number, period, gaps + 1, gaps)
    return Beacons(*whole, score, timestamps, sizes, *(nothing for _ in range(4)))


def told(found: Beacons, *, days: bool = True) -> Sequence[bool]:
    strong: list[bool] = regular(found, days=days).tolist()
    return strong


def test_a_beat_and_a_high_score_or_gaps_and_sizes_alike() -> None:
    given = rows(
        (0, 99, 0.9, 0.8, 0.6),
        (1, 99, 0.5, 0.9, 0.8),
        (2, 99, 0.89, 0.8, 0.8),
        (3, 99, 0.95, 0.79, 1),  # busy all day, always the same size, and no beat
    )
    assert told(given) == [True, True, False, False]


def test_over_weeks_the_score_alone_says_nothing() -> None:
    assert told(rows((0, 99, 0.95, 0.8, 0.8), (1, 99, 0.5, 0.9, 0.8)), days=False) == [False, True]


def test_a_few_gaps_may_be_alike_by_chance() -> None:
    perfect = (1.0, 1.0, 1.0)
    assert told(rows((0, 23, *perfect))) == [False]
    assert told(rows((0, 24, *perfect))) == [True]
    assert told(rows((0, 12, *perfect), (0, 12, *perfect))) == [True, True], "two days of one"
    assert told(rows((0, 12, *perfect), (1, 12, *perfect))) == [False, False], "of two"
    assert told(rows((0, 11, *perfect), (0, 99, *perfect))) == [False, True]
    assert told(rows((0, 23, *perfect)), days=False) == [False]


def test_the_best_row_is_a_regular_one() -> None:
    number = np.array([0, 0, 0, 7])
    strong = np.array([False, True, True, False])
    assert best(number, strong, np.array([1.0, 0.8, 0.9, 0.1])).tolist() == [2, 3]
