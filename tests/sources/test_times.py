from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.errors import RequestError
from sekisho.sources import times
from sekisho.sources.times import datetime_of, micros_of, micros_of_text, zone


def test_zones_are_iana_names_and_nothing_else() -> None:
    assert zone("utc") is UTC
    assert zone("Asia/Tokyo") == ZoneInfo("Asia/Tokyo")
    for name in ("Mars/Olympus", "", "../../etc/passwd", "a\0b", "JST-9"):
        with pytest.raises(RequestError, match="not a time zone"):
            zone(name)


@settings(max_examples=200, deadline=None)
@given(st.datetimes(timezones=st.just(UTC)))
def test_microseconds_and_datetimes_are_the_same(at: datetime) -> None:
    assert datetime_of(micros_of(at)) == at


def test_the_ends_of_the_calendar_have_numbers() -> None:
    assert datetime_of(times.FIRST) == datetime.min.replace(tzinfo=UTC)
    assert datetime_of(times.LAST) == datetime.max.replace(tzinfo=UTC)


@settings(max_examples=200, deadline=None)
@given(st.decimals(min_value=-(10**11), max_value=10**11, allow_nan=False, places=8))
def test_decimal_text_is_exact_and_rounds_half_to_even(value: Decimal) -> None:
    expected = int((value * 1_000_000).to_integral_value(ROUND_HALF_EVEN))
    assert micros_of_text(str(value)) == expected
    column = pa.chunked_array([pa.array([None, value], pa.decimal128(38, 8)).slice(1), [value]])
    numbers, missing = times.micros_of_decimals(column)
    assert numbers.tolist() == [expected, expected]
    assert missing.tolist() == [False, False]


def test_no_float_stands_between_text_and_time() -> None:
    assert micros_of_text("1588205199.824371") == 1_588_205_199_824_371
    assert micros_of_text("1.5882051998243705e9") == 1_588_205_199_824_370
    assert micros_of_text("1588205199824", 3) == 1_588_205_199_824_000


@pytest.mark.parametrize("text", ["", "-", "nan", "inf", "1e400", "1e31", "0x10", "1" * 65, "1,5"])
def test_what_is_no_time_is_refused_quickly(text: str) -> None:
    with pytest.raises(ValueError, match=r"number|range|long"):
        micros_of_text(text)


def test_decimals_too_large_or_null_are_missing_not_wrapped() -> None:
    values = [Decimal(1 << 64), Decimal(-(1 << 64)), None, Decimal(-1)]
    numbers, missing = times.micros_of_decimals(pa.array(values, pa.decimal128(38, 6)))
    assert missing.tolist() == [True, True, True, False]
    assert numbers.tolist() == [0, 0, 0, -1_000_000]
    assert times.micros_of_decimals(pa.chunked_array([], pa.decimal128(38, 6)))[0].tolist() == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-01T09:00:00Z", "2024-03-01T09:00:00+00:00"),
        ("2024-03-01T18:00:00.123456+09:00", "2024-03-01T09:00:00.123456+00:00"),
        ("2024-03-01 18:00:00", "2024-03-01T09:00:00+00:00"),
        ("2024-03-01 18:00:00.5", "2024-03-01T09:00:00.5+00:00"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999+00:00"),
    ],
)
def test_iso_times_alone_and_mixed_mean_the_same(text: str, expected: str) -> None:
    want = micros_of(datetime.fromisoformat(expected))
    tokyo = zone("Asia/Tokyo")
    assert times.micros_of_iso_text(text, tokyo) == want
    for others in ([], [None], ["2024-03-01T00:00:00Z"], ["2024-03-01 00:00:00", "rubbish"]):
        numbers, missing = times.micros_of_iso(pa.array([*others, text], pa.string()), tokyo)
        assert (numbers[-1], missing[-1]) == (want, False)
        if others in ([None], ["2024-03-01 00:00:00", "rubbish"]):
            assert missing[len(others) - 1]


def test_where_clocks_went_back_or_forward_all_paths_agree() -> None:
    berlin = zone("Europe/Berlin")
    for text in ("2024-10-27 02:30:00", "2024-03-31 02:30:00"):
        alone = times.micros_of_iso(pa.array([text]), berlin)[0][0]
        mixed = times.micros_of_iso(pa.array([text, "2024-01-01T00:00:00Z", "x"]), berlin)[0][0]
        assert alone == mixed == times.micros_of_iso_text(text, berlin)
    skipped = times.micros_of_iso_text("2024-03-31 02:30:00", berlin)
    assert datetime_of(skipped) == datetime(2024, 3, 31, 1, 30, tzinfo=UTC)
    twice = times.micros_of_iso_text("2024-10-27 02:30:00", berlin)
    assert datetime_of(twice) == datetime(2024, 10, 27, 0, 30, tzinfo=UTC)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.none() | st.text(max_size=30), max_size=5))
def test_any_text_is_a_time_or_missing(texts: list[str | None]) -> None:
    numbers, missing = times.micros_of_iso(pa.array(texts, pa.string()), UTC)
    assert len(numbers) == len(missing) == len(texts)
    assert all(gone for gone, text in zip(missing, texts, strict=True) if not text)


def test_a_zone_that_leads_out_of_the_calendar_is_no_crash() -> None:
    numbers, missing = times.micros_of_iso(
        pa.array(["0001-01-01T00:00:00+14:00", "0001-01-01 00:00:00", "x"]), zone("Asia/Tokyo")
    )
    assert missing.tolist()[2]
    assert all(n >= times.FIRST - timedelta(days=1) // timedelta(microseconds=1) for n in numbers)
