"""When a period ends: hours, days, business days and months, in the regulator's zone and holidays.

Hours are elapsed hours, whatever clocks do meanwhile. All others end with the last microsecond of a day in
the zone. The day of the event is not counted unless `first_day` says so (Regulation (EEC, Euratom)
No 1182/71, Article 3(1); the Japanese guideline counts it). A month ends on the day of the same number, or
on the month's last day where there is none (Article 3(2)(c)).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal, TypeAlias

import holidays
from whenever import Date, Instant, Time

Unit: TypeAlias = Literal["hours", "days", "business days", "months"]
FirstDay: TypeAlias = Literal["excluded", "counted"]
Roll: TypeAlias = Literal["none", "next_business_day"]
LONGEST: dict[Unit, int] = {"hours": 2_400, "days": 1_000, "business days": 500, "months": 36}
_PERIOD = re.compile(r"([0-9]{1,4}) (hour|day|business day|month)s?")
_UNITS: Mapping[str, Unit] = {
    "hour": "hours",
    "day": "days",
    "business day": "business days",
    "month": "months",
}


@dataclass(frozen=True, slots=True)
class Period:
    """So many of a unit."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count} {self.unit[:-1] if self.count == 1 else self.unit}"


def read_period(text: str) -> Period | None:
    """`72 hours`, `30 days`, `4 business days`, `1 month`; None where the law names no number
    (`without undue delay`). Raises ValueError for anything else."""
    words = " ".join(text.split())
    if words == "without undue delay":
        return None
    found = _PERIOD.fullmatch(words)
    if not found:
        raise ValueError(f"`{text[:60]}` is no period")
    count, unit = int(found[1]), _UNITS[found[2]]
    if not 1 <= count <= LONGEST[unit]:
        raise ValueError(f"{text[:60]} is not between 1 and {LONGEST[unit]} {unit}")
    return Period(count, unit)


@dataclass(frozen=True, slots=True)
class Calendar:
    """A regulator's zone (IANA) and the days on which it does not work: weekends, holidays of `country` (and
    `subdivision`), and days `closed` every year as (month, day)."""

    zone: str = "UTC"
    country: str = ""
    subdivision: str = ""
    closed: tuple[tuple[int, int], ...] = ()

    def works(self, day: date) -> bool:
        """Whether it is a business day."""
        if (day.month, day.day) in self.closed:
            return False
        if not self.country:
            return day.weekday() < 5
        return bool(_holidays(self.country, self.subdivision).is_working_day(day))


@lru_cache(maxsize=64)
def _holidays(country: str, subdivision: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country, subdiv=subdivision or None)


def has_holidays(country: str, subdivision: str = "") -> bool:
    """Whether holidays are known for it."""
    try:
        _holidays(country, subdivision)
    except (NotImplementedError, KeyError):
        return False
    return True


def due(
    started: datetime,
    period: Period,
    calendar: Calendar,
    *,
    first_day: FirstDay = "excluded",
    roll: Roll = "none",
    from_year_end: bool = False,
) -> datetime:
    """The last instant (aware UTC) at which what is due is in time. `started` is aware.

    `from_year_end` counts from the last day of the year, in the zone, in which it started.
    """
    begin = Instant(started.astimezone(UTC))
    if period.unit == "hours":
        return _plain(begin.add(hours=period.count))
    day = begin.to_tz(calendar.zone).date()
    if from_year_end:
        day = Date(day.year, 12, 31)
    if period.unit == "months":
        last = day.add(months=period.count)
        if first_day == "counted":
            last = last.subtract(days=1)
    elif period.unit == "days":
        last = day.add(days=period.count - (first_day == "counted"))
    else:
        last = _business(day, period.count, calendar, counted=first_day == "counted")
    if roll == "next_business_day" and period.unit != "business days":
        while not calendar.works(last.to_stdlib()):
            last = last.add(days=1)
    return _end_of(last, calendar.zone)


def _business(day: Date, count: int, calendar: Calendar, *, counted: bool) -> Date:
    left = count - (counted and calendar.works(day.to_stdlib()))
    while left:
        day = day.add(days=1)
        left -= calendar.works(day.to_stdlib())
    return day


def _end_of(day: Date, zone: str) -> datetime:
    """The last microsecond of a day: where midnight does not exist, or exists twice, the day's own."""
    after = day.add(days=1).at(Time()).assume_tz(zone, disambiguation="compatible")
    return _plain(after.to_instant()) - timedelta(microseconds=1)


def _plain(instant: Instant) -> datetime:
    return instant.to_stdlib().astimezone(UTC)


def local(at: datetime, zone: str) -> str:
    """A time as people at the regulator read it, with its offset: `2020-07-10 23:59+09:00`."""
    there = Instant(at.astimezone(UTC)).to_tz(zone).to_stdlib()
    return there.isoformat(sep=" ", timespec="minutes")


def day_of(at: datetime, zone: str) -> date:
    """Which day it is in a zone (IANA) at a time (aware)."""
    return Instant(at.astimezone(UTC)).to_tz(zone).date().to_stdlib()


def closed_days(texts: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """`12-29` as (12, 29). Raises ValueError for what is no day of a year."""
    found = []
    for text in texts:
        day = date.fromisoformat(f"2024-{text}")
        found.append((day.month, day.day))
    return tuple(found)
