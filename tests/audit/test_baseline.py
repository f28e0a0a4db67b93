from __future__ import annotations

from datetime import UTC, date
from zoneinfo import ZoneInfo

import pytest

from sekisho.audit.baseline import LEAST, MOST, Day, baseline

MONDAY = 19_786
"""4 March 2024."""


def days(*volumes: int, begin: int = MONDAY, hours: int = 1 << 9) -> list[Day]:
    return [Day(begin + n, volume, 1, hours) for n, volume in enumerate(volumes)]


def test_there_is_none_before_two_weeks_of_use() -> None:
    series = days(*[5] * (LEAST + 1))
    assert baseline(series, MONDAY + LEAST - 1) is None
    found = baseline(series, MONDAY + LEAST)
    assert found is not None
    assert (found.days, found.first, found.last) == (LEAST, date(2024, 3, 4), date(2024, 3, 17))


def test_it_is_of_the_days_before_alone_and_of_the_last_sixty() -> None:
    series = days(*[1_000] * 10, *[7] * MOST, 999_999)
    found = baseline(series, series[-1].day)
    assert found is not None
    assert (found.days, found.usual, found.highest) == (MOST, 7, 7)


def test_one_wild_day_does_not_move_what_is_usual() -> None:
    found = baseline(days(*[1_000_000] * 20, 10**12, 1_200_000), MONDAY + 22)
    assert found is not None
    assert found.usual == 1_000_000
    assert found.text == "usual 1.0 MB a day (median of 22 days, highest 1.0 TB)"


def test_hours_are_those_of_the_site() -> None:
    day = Day(MONDAY, 1, 1, 1 << 0 | 1 << 23)
    assert day.local_hours(UTC) == (0, 23)
    assert day.local_hours(ZoneInfo("Asia/Tokyo")) == (8, 9)
    assert day.local_hours(ZoneInfo("Asia/Kolkata")) == (4, 5)
    summer, winter = Day(19_900, 1, 1, 1 << 12), Day(19_750, 1, 1, 1 << 12)
    assert summer.local_hours(ZoneInfo("Europe/Berlin")) == (14,)
    assert winter.local_hours(ZoneInfo("Europe/Berlin")) == (13,)


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (MONDAY + 18, ""),
        (MONDAY + 19, "; there is no weekend among these days"),
        (MONDAY + 26, "; there is no weekend and no month end among these days"),
        (MONDAY + 28, "; there is no month end among these days"),
    ],
)
def test_it_says_what_it_cannot_know(day: int, text: str) -> None:
    weekdays = [one for one in days(*[9] * 19) if not one.weekend]
    found = baseline(weekdays, day)
    assert found is not None
    assert found.lacks(Day(day, 9, 1, 1)) == text
