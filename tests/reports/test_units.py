from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sekisho.model.findings import Bytes
from sekisho.reports.units import Times, count, counted, lasting, local_minute, size_range


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(1000, 1000, "1.0 kB"), (5_900_000, 6_300_000, "5.9-6.3 MB"), (900, 1_100, "900 B-1.1 kB")],
)
def test_a_range_says_its_unit_once(low: int, high: int, text: str) -> None:
    assert size_range(Bytes(low=low, high=high)) == text


def test_counts() -> None:
    assert count(1204331) == "1,204,331"
    assert [counted(n, "finding") for n in (0, 1, 2)] == ["0 findings", "1 finding", "2 findings"]
    assert counted(2, "entry", "entries") == "2 entries"


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(0), "0 min"),
        (timedelta(seconds=53.7), "54 s"),
        (timedelta(minutes=12, seconds=59), "12 min"),
        (timedelta(hours=5), "5 h"),
        (timedelta(hours=5, minutes=3), "5 h 3 min"),
        (timedelta(hours=11, minutes=3), "11 h"),
        (timedelta(days=2, hours=21), "2 d 21 h"),
        (timedelta(days=61, hours=21), "61 d"),
    ],
)
def test_durations_have_two_units_at_most(span: timedelta, text: str) -> None:
    assert lasting(span) == text


def test_times_are_shown_in_the_zone_asked_for() -> None:
    at = datetime(2020, 6, 10, 16, 2, 3, 4, tzinfo=UTC)
    assert Times().minute(at) == "2020-06-10 16:02"
    tokyo = Times(ZoneInfo("Asia/Tokyo"))
    assert (tokyo.label, tokyo.minute(at), tokyo.day(at)) == (
        "Asia/Tokyo",
        "2020-06-11 01:02",
        "2020-06-11",
    )
    assert tokyo.in_words(at) == "11 June 2020"
    assert Times().exact(at) == "2020-06-10 16:02:03.000004"
    assert (Times().label, Times().minute(None), Times().day(None), Times().exact(None)) == (
        "UTC",
        "-",
        "-",
        "-",
    )


def test_a_local_time_keeps_its_offset() -> None:
    assert local_minute("2020-06-04T17:00:12+07:00") == "2020-06-04 17:00 +07:00"
    assert local_minute(None) is None
