"""The beacon score: how much the contacts of a connection look like those of a program that calls home.

RITA 5's formula (https://github.com/activecm/rita, `analysis/beacons.go`): a quarter each of how alike
the gaps are, how alike the sizes, how long it went on without a break, and how flat it lies over 24
parts of the period. Eligible from four distinct seconds; 86,400 contacts a day and more are a strobe,
which is no beacon.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sekisho.audit.automation.bars import PARTS, duration, flatness
from sekisho.audit.automation.contacts import Contacts, Floats, Ints, Runs
from sekisho.audit.automation.spread import alike

SECOND = 1_000_000
DAY = 86_400 * SECOND
ELIGIBLE = 4
"""Distinct seconds."""
STROBE = 86_400
"""Contacts a day."""


@dataclass(frozen=True, slots=True)
class Beacons:
    """Scores of connections in periods, row by row; all from 0 to 1, to three places.

    `number` is the connection, `period` which period, `contacts` how many in it, `gaps` how many gaps
    longer than nothing, `interval` their median (seconds), `size` the median bytes sent.
    """

    number: Ints
    period: Ints
    contacts: Ints
    gaps: Ints
    score: Floats
    timestamps: Floats
    sizes: Floats
    duration: Floats
    histogram: Floats
    interval: Floats
    size: Floats

    def __len__(self) -> int:
        return len(self.number)


def beacons(contacts: Contacts, begin: int, length: int) -> Beacons:
    """Scores of every connection in every period of `length`, the first of which starts at `begin`
    (microseconds, nothing is earlier), where it is eligible and no strobe.
    """
    period = (contacts.start - begin) // length
    runs = Runs.of(contacts.number, period)
    second = contacts.start // SECOND
    gap = np.diff(second, prepend=second[:1])
    gap[runs.begin] = 0
    between = gap > 0
    gaps = np.bincount(runs.place[between], minlength=len(runs)).astype(np.int64)
    days = max(1.0, length / DAY)
    kept = (gaps >= ELIGIBLE - 1) & (runs.size < STROBE * days)
    chosen = np.repeat(kept, runs.size)
    rows, period = contacts.where(chosen), period[chosen]
    of_gaps = gap[chosen & between]
    runs = Runs.of(rows.number, period)
    gaps = gaps[kept]
    if not len(runs):
        return _scored(rows.number, period, runs, gaps, *(np.zeros(0) for _ in range(6)))
    by_gap = Runs(np.cumsum(gaps) - gaps, gaps)
    timestamps, interval = alike(of_gaps, by_gap, when_tiny=1.0)
    sizes, size = alike(rows.sent, runs, when_tiny=0.0)
    part = (rows.start - begin - period * length) * PARTS // length
    bars = np.bincount(runs.place * PARTS + part, minlength=len(runs) * PARTS).reshape(-1, PARTS)
    last = runs.begin + runs.size - 1
    covered = (rows.start[last] - rows.start[runs.begin]) / length
    return _scored(
        rows.number,
        period,
        runs,
        gaps,
        timestamps,
        sizes,
        duration(bars, covered),
        flatness(bars),
        interval,
        size,
    )


def _scored(number: Ints, period: Ints, runs: Runs, gaps: Ints, *parts: Floats) -> Beacons:
    timestamps, sizes, lasting, histogram, interval, size = parts
    score = np.round((timestamps + sizes + lasting + histogram) / 4, 3)
    return Beacons(
        number[runs.begin],
        period[runs.begin],
        runs.size,
        gaps,
        score,
        timestamps,
        sizes,
        lasting,
        histogram,
        interval,
        size,
    )
