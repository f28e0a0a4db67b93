from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.notify.deadlines import (
    Calendar,
    FirstDay,
    Period,
    Roll,
    Unit,
    closed_days,
    day_of,
    due,
    has_holidays,
    local,
    read_period,
)

NEW_YORK = Calendar("America/New_York", "US")
TOKYO = Calendar("Asia/Tokyo", "JP", closed=((12, 29), (12, 30), (12, 31), (1, 2), (1, 3)))
BERLIN = Calendar("Europe/Berlin", "DE")


def ends(
    started: str, period: str, calendar: Calendar, first_day: FirstDay = "excluded", roll: Roll = "none"
) -> str:
    read = read_period(period)
    assert read is not None
    at = datetime.fromisoformat(started).astimezone(UTC)
    return local(due(at, read, calendar, first_day=first_day, roll=roll), calendar.zone)


@pytest.mark.parametrize(
    ("started", "period", "calendar", "first_day", "roll", "wanted"),
    [
        # Clocks went forward in Berlin on 29 March 2026 at 02:00: 72 elapsed hours end an hour later there.
        ("2026-03-27T10:00+01:00", "72 hours", BERLIN, "excluded", "none", "2026-03-30 11:00+02:00"),
        # And back on 25 October 2026.
        ("2026-10-23T10:00+02:00", "72 hours", BERLIN, "excluded", "none", "2026-10-26 09:00+01:00"),
        # 2028 is a leap year, 2027 is not.
        ("2028-01-30T12:00+09:00", "30 days", TOKYO, "excluded", "none", "2028-02-29 23:59+09:00"),
        ("2027-01-30T12:00+09:00", "30 days", TOKYO, "excluded", "none", "2027-03-01 23:59+09:00"),
        # 23:30 UTC is already the next day in Tokyo.
        ("2026-06-10T23:30+00:00", "3 days", TOKYO, "excluded", "none", "2026-06-14 23:59+09:00"),
        ("2026-06-11T08:30+09:00", "3 days", TOKYO, "counted", "none", "2026-06-13 23:59+09:00"),
        # The day of the same number, or the last of the month (Regulation 1182/71, Article 3(2)(c)).
        ("2027-01-31T12:00+01:00", "1 month", BERLIN, "excluded", "none", "2027-02-28 23:59+01:00"),
        ("2028-01-31T12:00+01:00", "1 month", BERLIN, "excluded", "none", "2028-02-29 23:59+01:00"),
        ("2026-03-31T12:00+02:00", "1 month", BERLIN, "excluded", "none", "2026-04-30 23:59+02:00"),
        # Thursday before Independence Day, observed on Friday 3 July 2026: Mon, Tue, Wed, Thu.
        (
            "2026-07-02T15:00-04:00",
            "4 business days",
            NEW_YORK,
            "excluded",
            "none",
            "2026-07-09 23:59-04:00",
        ),
        # On a Saturday the period begins with Monday and includes it.
        (
            "2026-11-14T10:00-05:00",
            "4 business days",
            NEW_YORK,
            "excluded",
            "none",
            "2026-11-19 23:59-05:00",
        ),
        # Thanksgiving is Thursday 26 November 2026; clocks went back on 1 November.
        (
            "2026-11-23T10:00-05:00",
            "4 business days",
            NEW_YORK,
            "excluded",
            "none",
            "2026-11-30 23:59-05:00",
        ),
        # Day 30 is 31 December: closed until 3 January 2027, a Sunday; Monday is a business day.
        ("2026-12-02T09:00+09:00", "30 days", TOKYO, "counted", "none", "2026-12-31 23:59+09:00"),
        (
            "2026-12-02T09:00+09:00",
            "30 days",
            TOKYO,
            "counted",
            "next_business_day",
            "2027-01-04 23:59+09:00",
        ),
        ("2026-06-11T09:00+09:00", "1 month", TOKYO, "counted", "none", "2026-07-10 23:59+09:00"),
    ],
)
def test_worked_by_hand(
    started: str, period: str, calendar: Calendar, first_day: FirstDay, roll: Roll, wanted: str
) -> None:
    assert ends(started, period, calendar, first_day, roll) == wanted


def test_from_the_end_of_the_year() -> None:
    # Breaches of 2027: sixty days after its end, and 2028 has a 29 February.
    end = due(datetime(2027, 5, 3, tzinfo=UTC), Period(60, "days"), NEW_YORK, from_year_end=True)
    assert local(end, NEW_YORK.zone) == "2028-02-29 23:59-05:00"


def test_the_day_where_people_are() -> None:
    at = datetime(2026, 6, 10, 23, 30, tzinfo=UTC)
    assert day_of(at, "Asia/Tokyo") == date(2026, 6, 11)
    assert day_of(at, "America/New_York") == date(2026, 6, 10)


def test_a_day_without_midnight_ends_all_the_same() -> None:
    # In Santiago clocks went from 24:00 of 5 September 2026 to 01:00 of the 6th.
    end = due(datetime(2026, 9, 4, 15, tzinfo=UTC), Period(1, "days"), Calendar("America/Santiago"))
    assert end == datetime(2026, 9, 6, 4, tzinfo=UTC) - timedelta(microseconds=1)


def test_periods_and_calendars_as_people_write_them() -> None:
    assert read_period(" 4  business days ") == Period(4, "business days")
    assert read_period("without undue delay") is None
    assert (str(Period(1, "months")), str(Period(72, "hours"))) == ("1 month", "72 hours")
    for wrong in ("soon", "0 days", "3 weeks", "99999 hours", "-1 days", "48 months"):
        with pytest.raises(ValueError, match=r"period|between"):
            read_period(wrong)
    assert (has_holidays("JP"), has_holidays("US", "CA"), has_holidays("XX")) == (True, True, False)
    assert has_holidays("US", "ZZ") is False
    assert closed_days(["12-29", "02-29"]) == ((12, 29), (2, 29))
    assert Calendar().works(date(2026, 11, 25))
    assert not Calendar().works(date(2026, 11, 28))


@given(
    st.integers(0, 130_000).map(
        lambda hours: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    ),
    st.integers(1, 90),
    st.sampled_from(get_args(Unit)),
    st.sampled_from([NEW_YORK, TOKYO, BERLIN, Calendar("Asia/Kolkata")]),
)
def test_later_starts_never_end_earlier(
    at: datetime, count: int, unit: Unit, calendar: Calendar
) -> None:
    period = Period(count if unit != "months" else count % 12 + 1, unit)
    first, second = (due(at + timedelta(hours=h), period, calendar) for h in (0, 7))
    assert at < first <= second
