"""Boxes: products of ranges (of sources, destinations, protocols, ports), made disjoint.

Named sets of concatenated ranges take no two elements that overlap, and a rule inside another needs none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod

Range = tuple[int, int]
"""First and last, both included."""
Box = tuple[Range, ...]


def disjoint(boxes: Iterable[Box]) -> list[Box]:
    """Boxes that cover the same points, no two of which share one. Sorted."""
    kept: dict[Range, list[Box]] = {}
    # The largest first: most of what overlaps lies inside a wider one and vanishes.
    for box in sorted(set(boxes), key=lambda b: (-prod(last - first + 1 for first, last in b), b)):
        pieces = [box]
        for lead, others in kept.items():
            if lead[0] > box[0][1] or lead[1] < box[0][0]:
                continue
            for other in others:
                if _meet(box, other):
                    pieces = [left for piece in pieces for left in minus(piece, other)]
            if not pieces:
                break
        for piece in pieces:
            kept.setdefault(piece[0], []).append(piece)
    return sorted(box for found in kept.values() for box in found)


def minus(box: Box, other: Box) -> Iterator[Box]:
    """What of a box is outside another, as disjoint boxes."""
    if not _meet(box, other):
        yield box
        return
    left = list(box)
    for axis, ((first, last), (low, high)) in enumerate(zip(box, other, strict=True)):
        if first < low:
            yield (*left[:axis], (first, low - 1), *left[axis + 1 :])
        if high < last:
            yield (*left[:axis], (high + 1, last), *left[axis + 1 :])
        left[axis] = (max(first, low), min(last, high))


def _meet(box: Box, other: Box) -> bool:
    return all(
        first <= high and low <= last for (first, last), (low, high) in zip(box, other, strict=True)
    )
