"""Long connections: how long they were open on the day on which that was most, and the longest one.

A session that is held open for hours is a way to keep control that makes no beacon. Bands as RITA 5 has
them: from 1, 4, 8 and 12 hours a day. What goes on over midnight counts on either day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sekisho.audit.automation.contacts import Contacts, Ints

DAY = 86_400_000_000
FAR = 3 * DAY
"""Of a longer session the first days are counted: one of them is whole, and more is no more on a day."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """Row by row: connection, the UTC day (number) on which it was open longest, for how long that day
    (microseconds, several sessions summed), and the longest single session."""

    number: Ints
    day: Ints
    open: Ints
    longest: Ints


def lasting(contacts: Contacts, least: int) -> Lasting:
    """Connections that were open for at least `least` microseconds on one day."""
    days, number, spent = _by_day(contacts)
    # One number a connection and day: both fit well below 2**63.
    low = days.min() if len(days) else 0
    width = (days.max() - low + 1) if len(days) else 1
    keys, place = np.unique(number * width + (days - low), return_inverse=True)
    total = np.zeros(len(keys), dtype=np.int64)
    np.add.at(total, place, spent)
    kept = total >= least
    keys, total = keys[kept], total[kept]
    whose, when = keys // width, keys % width + low
    order = np.lexsort((when, -total, whose))
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = whose[order][1:] != whose[order][:-1]
    best = order[first]
    longest = np.zeros(int(contacts.number.max()) + 1 if len(contacts) else 0, dtype=np.int64)
    np.maximum.at(longest, contacts.number, contacts.lasted)
    return Lasting(whose[best], when[best], total[best], longest[whose[best]])


def _by_day(contacts: Contacts) -> tuple[Ints, Ints, Ints]:
    """(day, connection, microseconds of it), a row for each day that a session touches."""
    begin = contacts.start // DAY
    lasted = np.clip(contacts.lasted, 0, FAR)
    touched = (contacts.start + lasted) // DAY - begin + 1
    row = np.repeat(np.arange(len(contacts)), touched)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(touched) - touched, touched)
    day = begin[row] + nth
    start = np.maximum(contacts.start[row], day * DAY)
    end = np.minimum(contacts.start[row] + lasted[row], (day + 1) * DAY)
    return day, contacts.number[row], np.maximum(end - start, 0)
