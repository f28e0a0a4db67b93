from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from sekisho.audit.baseline import Baseline, Day, baseline
from sekisho.audit.changes.hours import HoursChange

TODAY = 19_800
TOKYO = ZoneInfo("Asia/Tokyo")


def mask(*hours: int) -> int:
    return sum(1 << hour for hour in hours)


def usual(*masks: int) -> Baseline:
    found = baseline([Day(TODAY - len(masks) + n, 1, 1, m) for n, m in enumerate(masks)], TODAY, TOKYO)
    assert found is not None
    return found


OFFICE = [mask(0, 1, 2, 3, 8)] * 20
"""9 to 13 and 17 to 18 in Tokyo."""


@pytest.mark.parametrize(
    ("before", "now", "seen"),
    [
        (OFFICE, mask(18), True),  # three at night
        (OFFICE, mask(0, 9), False),  # an hour longer
        (OFFICE, mask(23), False),  # an hour earlier
        (OFFICE, mask(22), True),
        ([*OFFICE, mask(0, 14)], mask(18), False),  # not settled: an hour of one day alone
        ([*OFFICE, *[mask(0, 14)] * 2], mask(18), True),
        ([mask(*range(17))] * 20, mask(20), False),  # no habit
    ],
)
def test_a_far_hour_against_a_settled_habit(before: list[int], now: int, seen: bool) -> None:
    assert (HoursChange().seen(Day(TODAY, 1, 1, now), usual(*before)) is not None) == seen


def test_it_says_which_hours_where() -> None:
    assert HoursChange().seen(Day(TODAY, 1, 1, mask(0, 17, 18)), usual(*OFFICE)) == (
        "used between 2:00 and 4:00 on 2024-03-18 (Asia/Tokyo); on 20 active days before only between"
        " 9:00 and 13:00, 17:00 and 18:00"
    )
