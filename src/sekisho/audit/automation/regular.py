"""Which beats are regular enough to be remarked on, and in which period that shows best."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sekisho.audit.automation.beacon import Beacons
from sekisho.audit.automation.contacts import Floats, Ints

HIGH = 0.9
"""RITA's band `high`."""
BEAT = 0.8
"""Gaps: contacts at random come to 0.6 or so, on the best of many days to 0.75, whatever their sizes and
however evenly a busy connection lies over the day."""
ALIKE = 0.85
"""Mean of gaps and sizes. A program that works at night alone, or pauses for hours, is as regular, but
scores low for duration and spread."""
A_DAY, IN_ALL = 12, 24
"""Gaps that a day must have to count, and regular days (or the whole window) together: fewer may be alike by
chance, in one day of many."""


def regular(found: Beacons, *, days: bool) -> NDArray[np.bool_]:
    """Of each row whether it keeps a beat. Duration and spread say something of a day alone: over weeks
    whatever happens daily goes on without a break and is evenly spread.
    """
    strong = (found.timestamps + found.sizes) / 2 >= ALIKE
    if days:
        strong |= found.score >= HIGH
    strong &= (found.timestamps >= BEAT) & (found.gaps >= (A_DAY if days else IN_ALL))
    if not days:
        return strong
    names, place = np.unique(found.number, return_inverse=True)
    together = np.bincount(place, weights=np.where(strong, found.gaps, 0), minlength=len(names))
    return strong & (together[place] >= IN_ALL)


def best(number: Ints, strong: NDArray[np.bool_], score: Floats) -> Ints:
    """The row of each connection that says most: a regular one, of these the highest score."""
    order = np.lexsort((-score, ~strong, number))
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = number[order][1:] != number[order][:-1]
    return order[first]
