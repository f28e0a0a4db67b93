"""Nested prefixes as disjoint intervals, and addresses looked up in them all at once.

Prefixes are nested or disjoint, so one pass over their ends with a stack gives, for each interval
between two ends, the prefixes that hold it, the widest first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from sekisho.inventory.scopes import REACH_STARTS, REACHES, Reach
from sekisho.model.addresses import V4_HI, V4_LO_FIRST, V4_LO_LAST

V = TypeVar("V")
Ints = npt.NDArray[np.int64]
_SHIFT = 1 << 63
_MASK = (1 << 64) - 1
_V4_FIRST, _V4_LAST = 0xFFFF << 32, (0xFFFF << 32) | 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Held(Generic[V]):
    """A range of 128-bit numbers (a prefix) that carries a value."""

    first: int
    last: int
    value: V


@dataclass(frozen=True, slots=True)
class Intervals:
    """Interval `i` begins at `starts[i]`, ends before the next, and has the number `classes[i]`."""

    starts: Sequence[int]
    classes: Ints
    hi: Ints
    lo: Ints
    v4_lo: Ints
    v4_classes: Ints

    def at(self, number: int) -> int:
        """The class of one 128-bit number."""
        return int(self.classes[bisect_right(self.starts, number) - 1])

    def lookup(self, hi: Ints, lo: Ints) -> Ints:
        """The class of every address, given as its two columns."""
        v4 = (hi == V4_HI) & (lo >= V4_LO_FIRST) & (lo <= V4_LO_LAST)
        if v4.all():
            return self.v4_classes[np.searchsorted(self.v4_lo, lo, "right") - 1]
        result = np.empty(len(hi), dtype=np.int64)
        result[v4] = self.v4_classes[np.searchsorted(self.v4_lo, lo[v4], "right") - 1]
        result[~v4] = self.classes[self._positions(hi[~v4], lo[~v4])]
        return result

    def _positions(self, hi: Ints, lo: Ints) -> Ints:
        left = np.searchsorted(self.hi, hi, "left")
        right = np.searchsorted(self.hi, hi, "right")
        # Within the run of equal `hi`, count the starts whose `lo` is not above the address.
        while True:
            open_ = left < right
            if not open_.any():
                return left - 1
            middle = (left + right) >> 1
            below = open_ & (self.lo[np.minimum(middle, len(self.lo) - 1)] <= lo)
            left = np.where(below, middle + 1, left)
            right = np.where(open_ & ~below, middle, right)


def flatten(held: Iterable[Held[V]], classify: Callable[[tuple[V, ...], Reach], int]) -> Intervals:
    """Cut the address space at every end; `classify` gives the number of each piece.

    It is told the values that hold the piece, those of the widest prefix first, and how far its
    addresses reach by themselves. Neighbours with one number are joined.
    """
    items = sorted(held, key=lambda h: (h.first, -h.last))
    points = {item.first for item in items} | {item.last + 1 for item in items}
    points |= {*REACH_STARTS, _V4_FIRST, _V4_LAST + 1}
    points.discard(1 << 128)
    stack: list[Held[V]] = []
    position = 0
    starts: list[int] = []
    classes: list[int] = []
    for point in sorted(points):
        while stack and stack[-1].last < point:
            stack.pop()
        while position < len(items) and items[position].first == point:
            stack.append(items[position])
            position += 1
        reach = REACHES[bisect_right(REACH_STARTS, point) - 1]
        number = classify(tuple(item.value for item in stack), reach)
        if not classes or classes[-1] != number or point in (_V4_FIRST, _V4_LAST + 1):
            starts.append(point)
            classes.append(number)
    return _arrays(starts, classes)


def _arrays(starts: list[int], classes: list[int]) -> Intervals:
    hi = np.array([(start >> 64) - _SHIFT for start in starts], dtype=np.int64)
    lo = np.array([(start & _MASK) - _SHIFT for start in starts], dtype=np.int64)
    numbers = np.array(classes, dtype=np.int64)
    v4 = slice(bisect_right(starts, _V4_FIRST) - 1, bisect_right(starts, _V4_LAST))
    return Intervals(starts, numbers, hi, lo, lo[v4], numbers[v4])
