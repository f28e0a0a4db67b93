from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sekisho.cli.times import ahead, since, span, until, window
from sekisho.errors import RequestError

NOW = datetime(2020, 7, 1, 12, tzinfo=UTC)


def test_a_day_is_taken_in_whole() -> None:
    assert since("2020-06-11", NOW) == datetime(2020, 6, 11, tzinfo=UTC)
    assert until("2020-06-11", NOW) == datetime(2020, 6, 12, tzinfo=UTC)


def test_a_time_is_utc_unless_it_has_a_zone() -> None:
    assert until("2020-06-11T09:30", NOW) == datetime(2020, 6, 11, 9, 30, tzinfo=UTC)
    assert since("2020-06-11T09:30+09:00", NOW) == datetime(2020, 6, 11, 0, 30, tzinfo=UTC)


def test_ago_and_nothing() -> None:
    assert since("7d", NOW) == datetime(2020, 6, 24, 12, tzinfo=UTC)
    assert since("90m", NOW) == datetime(2020, 7, 1, 10, 30, tzinfo=UTC)
    assert since(None, NOW) is None


@pytest.mark.parametrize("text", ["yesterday", "2020-13-01", "2020-06-31", "", "9999-12-31", "99999w"])
def test_what_is_no_time_says_what_would_be(text: str) -> None:
    with pytest.raises(RequestError) as caught:
        until(text, NOW)
    assert "7d" in caught.value.mend


def test_a_window() -> None:
    june, july = datetime(2020, 6, 1, tzinfo=UTC), datetime(2020, 7, 1, tzinfo=UTC)
    assert window("2020-06-01", "2020-06-30", NOW) == (june, july)
    assert window(None, None, NOW) == (None, None)
    assert window("2020-06-01", None, NOW) == (june, None), "until the evidence ends"
    assert window("7d", None, NOW) == (NOW - timedelta(days=7), NOW), "what fell silent since shows"


@pytest.mark.parametrize(
    ("first", "last"), [("2020-06-02", "2020-06-01"), ("1d", "2d"), ("2020-07-02", None)]
)
def test_a_window_without_time_in_it(first: str, last: str | None) -> None:
    with pytest.raises(RequestError):
        window(first, last, NOW)


def test_what_holds_from_now_on() -> None:
    assert ahead("90d", NOW) == NOW + timedelta(days=90)
    assert ahead("2020-07-31", NOW) == datetime(2020, 8, 1, tzinfo=UTC)
    assert ahead(None, NOW) is None


def test_what_is_no_time_ahead_says_what_would_be() -> None:
    for text in ("soon", "99999w", "2020-13-01"):
        with pytest.raises(RequestError) as caught:
            ahead(text, NOW)
        assert "8h for eight hours from now" in caught.value.mend
        assert "isoformat" not in str(caught.value)


def test_how_long_something_lasts() -> None:
    assert span("90") == timedelta(seconds=90)
    assert span(" 30m ") == timedelta(minutes=30)
    for text in ("", "-1", "1y", "half an hour", "9" * 12, "\u0663"):
        with pytest.raises(RequestError, match="no length of time"):
            span(text)
