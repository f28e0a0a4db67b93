"""Boxes: products of ranges (of sources, destinations, protocols, ports), made disjoint.

Named sets of concatenated ranges take no two elements that overlap, and a rule inside another needs none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import prod

Range = tuple[int, int]
"""First and last, both included."""
Box = tuple[Range, ...]


def disjoint(boxes: Iterable[Box]) -> list[Box]:
    """Boxes that cover the same points, no two of which share one. Sorted."""
    single: dict[Range, list[Box]] = {}
    wide: dict[Range, list[Box]] = {}
    # The largest first: most of what overlaps lies inside a wider one and vanishes.
    for box in sorted(set(boxes), key=lambda b: (-prod(last - first + 1 for first, last in b), b)):
        pieces = [box]
        for other in _near(box[0], single, wide):
            if _meet(box, other):
                pieces = [left for piece in pieces for left in minus(piece, other)]
                if not pieces:
                    break
        for piece in pieces:
            lead = piece[0]
            (single if lead[0] == lead[1] else wide).setdefault(lead, []).append(piece)
    return sorted(box for kept in (single, wide) for found in kept.values() for box in found)


def _near(
    lead: Range, single: Mapping[Range, list[Box]], wide: Mapping[Range, list[Box]]
) -> Iterator[Box]:
    """Boxes whose first range meets one. Most rules name single hosts: these are found at once."""
    if lead[0] == lead[1]:
        yield from single.get(lead, ())
    else:
        for other, found in single.items():
            if lead[0] <= other[0] <= lead[1]:
                yield from found
    for other, found in wide.items():
        if lead[0] <= other[1] and other[0] <= lead[1]:
            yield from found


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
