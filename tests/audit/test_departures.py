from __future__ import annotations

from zoneinfo import ZoneInfo

from sekisho.audit.baseline import Day
from sekisho.audit.departures import departures, first_departure

BEGIN = 19_786
MB = 1_000_000


def series(*volumes: int, hours: int = 1 << 9) -> list[Day]:
    return [Day(BEGIN + n, volume, 1, hours) for n, volume in enumerate(volumes)]


def test_the_first_day_that_left_its_own_baseline() -> None:
    found = first_departure(series(*[MB] * 30, 50 * MB, *[MB] * 9, 200 * MB))
    assert found is not None
    assert (found.day.day, found.change) == (BEGIN + 30, "volume")
    assert found.text.endswith("on 2024-04-03 50.0 MB")


def test_what_lasts_becomes_usual() -> None:
    days = [one.day.day for one in departures(series(*[MB] * 20, *[50 * MB] * 30))]
    assert days == [BEGIN + 20], "twice the highest is not reached again"


def test_never_and_too_little_to_say() -> None:
    assert first_departure(series(*[MB] * 60)) is None
    assert first_departure(series(*[MB] * 13, 900 * MB)) is None
    assert first_departure([]) is None


def test_days_and_zone_are_the_callers() -> None:
    days = [*series(*[MB] * 20), Day(BEGIN + 20, 90 * MB, 1, 1 << 18)]
    tokyo = ZoneInfo("Asia/Tokyo")
    assert [one.change for one in departures(days, tokyo)] == ["volume", "hours"]
    assert "3:00 and 4:00" in [one.text for one in departures(days, tokyo)][1]
    assert list(departures(days, days={BEGIN + 19})) == []


def test_the_first_month_end_on_record_is_not_known() -> None:
    quiet = [one for one in series(*[MB] * 24) if not one.month_end]
    (found,) = departures([*quiet, Day(BEGIN + 27, 90 * MB, 1, 1 << 9)])
    assert (found.day.date.isoformat(), found.known) == ("2024-03-31", False)
    assert found.text.endswith("; there is no month end among these days")
    (other,) = departures([*quiet, Day(BEGIN + 25, 90 * MB, 1, 1 << 9)])
    assert other.known
