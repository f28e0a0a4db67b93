"""Stretches of whole hours: half-open (begin, end) pairs of hours since 1970 UTC, sorted and apart."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

Stretch = tuple[int, int]

HOUR = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hour_of(at: datetime) -> int:
    """The hour that an aware instant lies in."""
    return (at - _EPOCH) // HOUR


def hour_after(at: datetime) -> int:
    """The first hour that begins at or after an aware instant."""
    return -((_EPOCH - at) // HOUR)


def instant(hour: int) -> datetime:
    """When an hour begins, UTC."""
    return _EPOCH + hour * HOUR


def runs(hours: Iterable[int]) -> list[Stretch]:
    """Single hours, in order and each once, as stretches."""
    merged: list[Stretch] = []
    for hour in hours:
        if merged and merged[-1][1] == hour:
            merged[-1] = (merged[-1][0], hour + 1)
        else:
            merged.append((hour, hour + 1))
    return merged


def union(stretches: Iterable[Stretch]) -> list[Stretch]:
    """What any of them covers. They may overlap and come in any order; empty ones vanish."""
    merged: list[Stretch] = []
    for begin, end in sorted(stretches):
        if begin >= end:
            continue
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged


def meet(left: list[Stretch], right: list[Stretch]) -> list[Stretch]:
    """What both cover."""
    both: list[Stretch] = []
    i = j = 0
    while i < len(left) and j < len(right):
        begin, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if begin < end:
            both.append((begin, end))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return both


def minus(left: list[Stretch], right: list[Stretch]) -> list[Stretch]:
    """What `left` covers and `right` does not."""
    rest: list[Stretch] = []
    j = 0
    for begin, end in left:
        at = begin
        while j < len(right) and right[j][1] <= at:
            j += 1
        k = j
        while k < len(right) and right[k][0] < end:
            if right[k][0] > at:
                rest.append((at, right[k][0]))
            at = max(at, right[k][1])
            k += 1
        if at < end:
            rest.append((at, end))
    return rest
