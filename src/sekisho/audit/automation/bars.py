"""How a period's contacts lie over its 24 parts: flat, in two heights, without a break.

The scores are those of RITA 5 (`analysis/beacons.go`: getHistogramScore, getDurationScore) with its
defaults.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sekisho.audit.automation.contacts import Floats, Ints

PARTS = 24
ALIKE = 0.05
"""Bars that differ by less than this share of the highest one have one height."""
SPARED = 1
"""Bars that may have any height."""
TWO_HEIGHTS_FROM = 11
"""Bars from which two heights say something."""
LASTING_FROM = 6
"""Bars from which duration counts."""
IDEAL_RUN = 12
"""Bars without a break that are as good as all of them."""


def flatness(bars: Ints) -> Floats:
    """Per row of 24 counts from 0 to 1: the better of 1 - deviation / mean, and of how many bars have one
    of the two commonest heights. Every row holds something.
    """
    mean = bars.mean(axis=1)
    level = np.round(np.maximum(1 - bars.std(axis=1) / mean, 0.0), 3)
    best: Floats = np.maximum(level, _two_heights(bars))
    return best


def _two_heights(bars: Ints) -> Floats:
    filled = bars > 0
    count = filled.sum(axis=1)
    step = np.ceil(bars.max(axis=1, keepdims=True) * ALIKE).astype(np.int64)
    height = np.sort(np.where(filled, bars // step, -1), axis=1)
    # How often each height occurs, at the last of its neighbours in order.
    edge = np.ones_like(height, dtype=np.bool_)
    edge[:, :-1] = height[:, 1:] != height[:, :-1]
    place = np.broadcast_to(np.arange(PARTS), height.shape)
    last_edge = np.maximum.accumulate(np.where(edge, place, -1), axis=1)
    before = np.concatenate([np.full((len(bars), 1), -1), last_edge[:, :-1]], axis=1)
    often = np.sort(np.where(edge & (height >= 0), place - before, 0), axis=1)
    fit = (often[:, -1] + often[:, -2]) / np.maximum(count - SPARED, 1)
    return np.where(count >= TWO_HEIGHTS_FROM, np.minimum(np.round(fit, 3), 1.0), 0.0)


def duration(bars: Ints, covered: Floats) -> Floats:
    """Per row from 0 to 1: the larger of the share of the period between first and last contact
    (`covered`), and of the longest run of bars, over midnight too, of twelve.
    """
    filled = bars > 0
    span = np.minimum(np.ceil(covered * 1000) / 1000, 1.0)
    run = np.minimum(np.ceil(longest_run(filled) / IDEAL_RUN * 1000) / 1000, 1.0)
    return np.where(filled.sum(axis=1) >= LASTING_FROM, np.maximum(span, run), 0.0)


def longest_run(filled: NDArray[np.bool_]) -> Ints:
    """Per row how many neighbours are filled at most, the last one beside the first; all of them is 24."""
    twice = np.concatenate([filled, filled], axis=1)
    place = np.arange(1, twice.shape[1] + 1)
    gap = np.maximum.accumulate(np.where(twice, 0, place), axis=1)
    run: Ints = np.minimum((place - gap).max(axis=1), filled.shape[1]).astype(np.int64)
    return run
