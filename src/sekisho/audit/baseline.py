"""What a connection is usually like, from the days before: robust, bounded, and with its words.

A baseline is of active days alone (days without a flow say nothing about how it is used), of at most the
last sixty of them, and there is none before two weeks of use.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from statistics import median

from sekisho.model.sizes import size

LEAST = 14
"""Active days."""
MOST = 60
"""Active days; older ones do not tell how it is used now."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Day:
    """One UTC day of a connection: its number since 1970, bytes both ways, flows, and the UTC hours in which
    flows began (bit 0 is midnight to one)."""

    day: int
    volume: int
    flows: int
    hours: int

    @property
    def date(self) -> date:
        """The day as people call it."""
        return (_EPOCH + timedelta(days=self.day)).date()

    @property
    def weekend(self) -> bool:
        """Saturday or Sunday."""
        return self.date.weekday() >= 5

    @property
    def month_end(self) -> bool:
        """The last two days of a month, or the first two of the next."""
        return self.date.day <= 2 or (self.date + timedelta(days=2)).day <= 2

    def local_hours(self, zone: tzinfo) -> frozenset[int]:
        """Hours of the day in a time zone; where that is half an hour off, those in which they begin."""
        midnight = _EPOCH + timedelta(days=self.day)
        return frozenset(
            (midnight + timedelta(hours=hour)).astimezone(zone).hour
            for hour in range(24)
            if self.hours >> hour & 1
        )


@dataclass(frozen=True, slots=True)
class Baseline:
    """`days` active days from `first` to `last`; `usual` is the median of their volumes. `hours` says on how
    many days each local hour was used."""

    days: int
    first: date
    last: date
    usual: float
    highest: int
    hours: Counter[int]
    zone: tzinfo
    weekends: int
    month_ends: int

    @property
    def text(self) -> str:
        """`usual 1.2 MB a day (median of 41 days, highest 3.0 MB)`."""
        return (
            f"usual {size(round(self.usual))} a day"
            f" (median of {self.days} days, highest {size(self.highest)})"
        )

    def lacks(self, day: Day) -> str:
        """What the baseline cannot say of such a day, for the end of a sentence; nothing where it can."""
        missing = []
        if day.weekend and not self.weekends:
            missing.append("weekend")
        if day.month_end and not self.month_ends:
            missing.append("month end")
        return f"; there is no {' and no '.join(missing)} among these days" if missing else ""


def baseline(series: Sequence[Day], before: int, zone: tzinfo = UTC) -> Baseline | None:
    """The baseline of a connection (its days in order) as it stood when the day `before` began; None where
    there is too little."""
    stop = bisect_left(series, before, key=lambda one: one.day)
    days = series[max(0, stop - MOST) : stop]
    if len(days) < LEAST:
        return None
    volumes = [one.volume for one in days]
    return Baseline(
        days=len(days),
        first=days[0].date,
        last=days[-1].date,
        usual=median(volumes),
        highest=max(volumes),
        hours=Counter(hour for one in days for hour in one.local_hours(zone)),
        zone=zone,
        weekends=sum(one.weekend for one in days),
        month_ends=sum(one.month_end for one in days),
    )
