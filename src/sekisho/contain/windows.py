"""When a gateway may be changed: windows of the week in the time of its site."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW = re.compile(r"([a-z, -]+?)\s+(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """On some days of the week from `begin` until `end`; an end that is not later is on the next day."""

    text: str
    days: frozenset[int]
    begin: time
    end: time

    def holds(self, local: datetime) -> bool:
        """Whether a local time lies in it."""
        now = local.time()
        if self.begin < self.end:
            return local.weekday() in self.days and self.begin <= now < self.end
        began_yesterday = (local.weekday() - 1) % 7 in self.days and now < self.end
        return began_yesterday or (local.weekday() in self.days and now >= self.begin)


def read_window(text: str) -> Window:
    """`Sat 01:00-05:00`, `Mon-Fri 20:00-06:00`, `daily 02:00-04:00`. Raises ValueError."""
    match = _WINDOW.fullmatch(text.strip().casefold())
    if match is None:
        raise ValueError(f"`{text[:60]}` is no window")
    begin, end = (_time(match[i], match[i + 1]) for i in (2, 4))
    return Window(text.strip(), _days(match[1]), begin, end)


def _time(hour: str, minute: str) -> time:
    return time(0 if hour == "24" else int(hour), int(minute))


def _days(text: str) -> frozenset[int]:
    if text in ("daily", "every day"):
        return frozenset(range(7))
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = (word.strip()[:3] for word in part.partition("-"))
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError(f"`{part.strip()[:20]}` is no day of the week")
        begin = DAYS.index(first)
        length = (DAYS.index(last) - begin) % 7 if dash else 0
        found.update((begin + n) % 7 for n in range(length + 1))
    return frozenset(found)


def open_now(windows: Iterable[Window], timezone: str, now: datetime) -> bool:
    """Whether one of the windows is open at `now` (aware); without any a gateway may always be changed."""
    listed = tuple(windows)
    local = now.astimezone(ZoneInfo(timezone))
    return not listed or any(window.holds(local) for window in listed)


def next_open(windows: Iterable[Window], timezone: str, now: datetime) -> datetime | None:
    """When one of them opens next, in the site's time; None where there are none."""
    listed = tuple(windows)
    zone = ZoneInfo(timezone)
    local = now.astimezone(zone)
    starts = [
        datetime.combine(local.date() + n * _DAY, window.begin, zone)
        for window in listed
        for n in range(9)
        if (local.date() + n * _DAY).weekday() in window.days
    ]
    return min((start for start in starts if start > local), default=None)
