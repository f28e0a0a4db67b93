"""Histogram and duration, against a plain account of them."""

from __future__ import annotations

from collections import Counter
from math import ceil
from statistics import mean, pstdev

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.audit.automation.bars import duration, flatness, longest_run

Bars = st.lists(st.integers(0, 40), min_size=24, max_size=24).filter(any)


def plain_flatness(bars: list[int]) -> float:
    level = max(1 - pstdev(bars) / mean(bars), 0.0)
    filled = [bar for bar in bars if bar]
    if len(filled) < 11:
        return level
    step = ceil(max(bars) * 0.05)
    often = sorted(Counter(bar // step for bar in filled).values())
    return max(level, min(sum(often[-2:]) / (len(filled) - 1), 1.0))


def plain_run(bars: list[int]) -> int:
    text = "".join("x" if bar else " " for bar in bars * 2)
    return min(max(map(len, text.split())), 24)


@settings(max_examples=100)
@given(st.lists(Bars, min_size=1, max_size=4))
def test_rows_are_scored_each_by_itself(rows: list[list[int]]) -> None:
    bars = np.array(rows)
    assert flatness(bars) == pytest.approx([plain_flatness(one) for one in rows], abs=0.00051)
    assert longest_run(bars > 0).tolist() == [plain_run(one) for one in rows]


@pytest.mark.parametrize(
    ("bars", "wanted"),
    [
        ([4] * 24, 1.0),
        ([1, 9] * 12, 1.0),  # two heights
        ([9] * 8 + [0] * 16, 0.0),
        ([5] * 11 + [0] * 13, 1.0),  # one height, enough bars
    ],
)
def test_flat_in_one_or_two_heights(bars: list[int], wanted: float) -> None:
    assert flatness(np.array([bars])) == [wanted]


@pytest.mark.parametrize(
    ("bars", "covered", "wanted"),
    [
        ([1] * 5 + [0] * 19, 1.0, 0.0),  # five bars are too few
        ([1] * 6 + [0] * 18, 0.25, 0.5),  # six of twelve
        ([1] * 3 + [0] * 18 + [1] * 3, 0.95, 0.95),  # a run goes on over midnight
        ([1, 0] * 12, 0.1231, 0.124),
        ([1] * 24, 1.2, 1.0),
    ],
)
def test_duration_is_coverage_or_the_longest_run(
    bars: list[int], covered: float, wanted: float
) -> None:
    assert duration(np.array([bars]), np.array([covered])) == [wanted]
