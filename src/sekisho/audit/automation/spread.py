"""How alike the numbers of a run are: the statistics behind the scores of gaps and of sizes.

Quartiles are medians of the lower and the upper half, the middle number in neither; the score is that of
RITA 5 (`analysis/beacons.go`: calculateBowleySkewness, calculateMedianAbsoluteDeviation).
"""

from __future__ import annotations

import numpy as np

from sekisho.audit.automation.contacts import Floats, Ints, Runs

FLAT = 10
"""A distance of the quartiles below this says nothing about skew."""


def alike(values: Ints, runs: Runs, *, when_tiny: float) -> tuple[Floats, Floats]:
    """Per run the score from 0 (scattered) to 1 (all alike), and the median; no run is empty.

    The mean of 1 - |Bowley's skewness| and (median - MAD) / median. `when_tiny` is the latter where the
    median is below 1.
    """
    ordered = _ordered(values.astype(np.float64), runs)
    middle = _median(ordered, runs.begin, runs.size)
    half = runs.size // 2
    small = np.maximum(half, 1)
    lower = _median(ordered, runs.begin, small)
    upper = _median(ordered, runs.begin + runs.size - small, small)
    wide = upper - lower
    telling = (wide >= FLAT) & (middle != lower) & (middle != upper)
    skew = np.where(telling, (lower + upper - 2 * middle) / np.where(telling, wide, 1.0), 0.0)
    off = _ordered(np.abs(values - np.repeat(middle, runs.size)), runs)
    mad = _median(off, runs.begin, runs.size)
    steady = np.where(middle >= 1, (middle - mad) / np.maximum(middle, 1.0), when_tiny)
    return np.round((1 - np.abs(skew) + np.maximum(steady, 0.0)) / 2, 3), middle


def _ordered(values: Floats, runs: Runs) -> Floats:
    return values[np.lexsort((values, runs.place))]


def _median(ordered: Floats, begin: Ints, size: Ints) -> Floats:
    middle: Floats = (ordered[begin + (size - 1) // 2] + ordered[begin + size // 2]) / 2
    return middle
