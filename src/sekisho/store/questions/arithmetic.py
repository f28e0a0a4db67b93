"""Arithmetic that comes to the same on every engine, whose integers differ in width and in overflow."""

from __future__ import annotations

from typing import Any

LARGEST = 2**63 - 1
"""What a sum that does not fit in 64 bits becomes."""

_HALF = 32
_LOW = 2**_HALF - 1


def clamped(column: Any, where: Any = None) -> Any:
    """The sum of 64-bit counts, at most LARGEST; null of nothing.

    Engines widen, wrap round or stop where a sum does not fit, so halves of 32 bits are summed, which
    hold for 2^31 rows. Of counts that are not negative.
    """
    import ibis

    high = (column.cast("int64") >> _HALF).sum(where=where)
    low = (column.cast("int64") & _LOW).sum(where=where)
    top = high + (low >> _HALF)
    most = LARGEST >> _HALF
    rest = ibis.least(top, most) * (1 << _HALF) + (low & _LOW)
    return ibis.ifelse(top > most, LARGEST, rest)


def floored(value: Any, unit: int) -> Any:
    """The greatest multiple of `unit` up to an integer, before 1970 too."""
    return value - (value % unit + unit) % unit


def earlier(one: Any, other: Any) -> Any:
    """The earlier of two times, or the one that is there: engines differ in what the least of null is."""
    import ibis

    return ibis.ifelse(one.isnull() | (other < one), other, one)


def several(first: Any, last: Any) -> Any:
    """The one text, or the first and the last with a comma; null of none."""
    import ibis

    return ibis.ifelse(first == last, first, first.concat(",", last))
