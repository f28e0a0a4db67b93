"""The statistics, against a plain account of them."""

from __future__ import annotations

from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.audit.automation.contacts import Runs
from sekisho.audit.automation.spread import alike


def plain(values: list[int], when_tiny: float) -> tuple[float, float]:
    """One run, after the published source, number by number."""
    ordered = sorted(values)
    half = len(ordered) // 2
    middle = median(ordered)
    lower, upper = median(ordered[: half or 1]), median(ordered[-(half or 1) :])
    skew = 0.0
    if upper - lower >= 10 and middle not in (lower, upper):
        skew = (lower + upper - 2 * middle) / (upper - lower)
    mad = median(abs(value - middle) for value in ordered)
    steady = (middle - mad) / middle if middle >= 1 else when_tiny
    return (1 - abs(skew) + max(steady, 0.0)) / 2, middle


@settings(max_examples=60)
@given(st.lists(st.lists(st.integers(0, 10_000), min_size=1, max_size=12), min_size=1, max_size=5))
def test_every_run_has_the_score_it_has_alone(lists: list[list[int]]) -> None:
    sizes = np.array([len(one) for one in lists])
    runs = Runs(np.cumsum(sizes) - sizes, sizes)
    score, middle = alike(np.array([v for one in lists for v in one]), runs, when_tiny=1.0)
    for number, one in enumerate(lists):
        wanted, centre = plain(one, 1.0)
        assert score[number] == pytest.approx(wanted, abs=0.00051)
        assert middle[number] == centre


def test_a_median_below_one_says_what_the_caller_wants() -> None:
    runs = Runs(np.array([0]), np.array([3]))
    assert alike(np.zeros(3, dtype=np.int64), runs, when_tiny=0.0)[0] == [0.5]
    assert alike(np.zeros(3, dtype=np.int64), runs, when_tiny=1.0)[0] == [1.0]


def test_hostile_counts_do_not_overflow() -> None:
    huge = np.array([2**63 - 1, 2**63 - 1, 0], dtype=np.int64)
    score, _ = alike(huge, Runs(np.array([0]), np.array([3])), when_tiny=0.0)
    assert 0 <= score[0] <= 1
