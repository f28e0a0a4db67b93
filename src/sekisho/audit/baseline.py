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
from functools import cached_property, lru_cache
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

    def local_hours(self, zone: tzinfo) -> tuple[int, ...]:
        """Hours of the day in a time zone, in order, by its offset at noon; where that is half an hour off,
        those in which they begin."""
        ahead = _ahead(zone, self.day)
        return tuple(hour for hour in range(24) if self.hours >> (hour - ahead) % 24 & 1)


@lru_cache(maxsize=4096)
def _ahead(zone: tzinfo, day: int) -> int:
    """Whole hours that a zone is ahead of UTC at noon of a day."""
    offset = (_EPOCH + timedelta(days=day, hours=12)).astimezone(zone).utcoffset()
    return (offset or timedelta()) // timedelta(hours=1)


@dataclass(frozen=True)
class Baseline:
    """Active days before, in order, at least LEAST of them. `usual` is the median of their volumes."""

    series: Sequence[Day]
    zone: tzinfo

    @property
    def days(self) -> int:
        """How many."""
        return len(self.series)

    @property
    def first(self) -> date:
        """The first of them."""
        return self.series[0].date

    @property
    def last(self) -> date:
        """The last of them."""
        return self.series[-1].date

    @cached_property
    def usual(self) -> float:
        """The median of their volumes."""
        return median(one.volume for one in self.series)

    @cached_property
    def highest(self) -> int:
        """The highest of their volumes."""
        return max(one.volume for one in self.series)

    @cached_property
    def hours(self) -> Counter[int]:
        """On how many days each local hour was used."""
        return Counter(hour for one in self.series for hour in one.local_hours(self.zone))

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
        if day.weekend and not any(one.weekend for one in self.series):
            missing.append("weekend")
        if day.month_end and not any(one.month_end for one in self.series):
            missing.append("month end")
        return f"; there is no {' and no '.join(missing)} among these days" if missing else ""


def baseline(series: Sequence[Day], before: int, zone: tzinfo = UTC) -> Baseline | None:
    """The baseline of a connection (its days in order) as it stood when the day `before` began; None where
    there is too little."""
    stop = bisect_left(series, before, key=lambda one: one.day)
    days = series[max(0, stop - MOST) : stop]
    if len(days) < LEAST:
        return None
    return Baseline(days, zone)
