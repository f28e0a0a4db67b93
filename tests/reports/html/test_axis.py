from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sekisho.reports.html.axis import MOST, ticks
from sekisho.reports.units import Times

BEGIN = datetime(2020, 6, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "labels"),
    [
        (timedelta(hours=5), ["01 06:00", "01 07:00", "01 08:00", "01 09:00", "01 10:00"]),
        (timedelta(days=5), ["06-02", "06-03", "06-04", "06-05", "06-06"]),
        (timedelta(days=28), ["06-08", "06-15", "06-22", "06-29"]),
        (timedelta(days=300), ["2020-07", "2020-09", "2020-11", "2021-01", "2021-03"]),
        (timedelta(days=365 * 30), ["2025-01", "2030-01", "2035-01", "2040-01", "2045-01", "2050-01"]),
    ],
)
def test_ticks_stand_at_times_people_count_by(span: timedelta, labels: list[str]) -> None:
    assert [tick.label for tick in ticks(BEGIN, BEGIN + span, Times())] == labels


@pytest.mark.parametrize("hours", [1, 3, 24, 100, 1000, 5000, 50_000, 500_000])
def test_few_in_order_and_inside(hours: int) -> None:
    found = [tick.at for tick in ticks(BEGIN, BEGIN + timedelta(hours=hours), Times())]
    assert len(found) <= MOST + 1
    assert found == sorted(found)
    assert all(0 <= at <= 100 for at in found)


def test_days_begin_at_midnight_of_the_zone() -> None:
    first = ticks(BEGIN, BEGIN + timedelta(days=3), Times(ZoneInfo("Asia/Tokyo")))[0]
    assert first.label.endswith(("00:00", "06-02"))
