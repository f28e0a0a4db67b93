from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sekisho.sources.forwarding.wire import MOST_SPANS, DroppedSpan, Hello, Range, parse_range

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SPAN = DroppedSpan(id="a" * 32, begin=NOW, end=NOW, segments=1, size=2, why="age")


@given(st.integers(0, 10**15), st.integers(1, 10**9), st.integers(0, 10**9))
def test_a_range_is_read_as_it_was_written(begin: int, size: int, rest: int) -> None:
    one = Range(begin, begin + size, begin + size + rest)
    assert parse_range(str(one)) == one
    assert parse_range(str(Range(size, size, size))) == Range(size, size, size)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bytes 5-4/9",
        "bytes 0-9/9",
        "bytes 0-1/*",
        "0-1/2",
        "bytes 0-1/2\n",
        "bytes ١-٢/٣",
        "bytes -1/2",
    ],
)
def test_ranges_that_say_nothing(text: str) -> None:
    assert parse_range(text) is None


def test_a_hello_has_bounds() -> None:
    assert Hello.model_validate_json(Hello(now=NOW, dropped=(SPAN,)).model_dump_json()).dropped == (
        SPAN,
    )
    with pytest.raises(ValidationError):
        Hello(now=NOW, dropped=(SPAN,) * (MOST_SPANS + 1))
    with pytest.raises(ValidationError):
        Hello(now=NOW, pending=1 << 63)
    with pytest.raises(ValidationError, match="timezone"):
        Hello(now=datetime(2026, 11, 20))  # noqa: DTZ001


def test_what_a_later_version_adds_is_passed_over() -> None:
    assert Hello.model_validate({"now": NOW, "mood": "fine"}) == Hello(now=NOW)
