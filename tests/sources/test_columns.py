from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.sources import columns
from sekisho.sources.times import datetime_of


@given(
    st.lists(st.one_of(st.none(), st.text("0123456789 -x", max_size=20)), max_size=8),
    st.lists(st.integers(0, 10**18 - 1).map(str), max_size=8),
)
def test_columns_of_digits_alone_are_read_as_any_other(
    texts: list[str | None], digits: list[str]
) -> None:
    for column in (texts, digits, [*digits, *texts], [*digits, None]):
        values, bad = columns.whole(pa.array(column, pa.string()))
        for place, word in enumerate(column):
            trimmed = (word or "").strip()
            good = trimmed.isdigit() and len(trimmed) <= 18
            assert values[place] == (int(trimmed) if good else -1)
            assert bad[place] == (bool(trimmed) and not good)


def test_whole_numbers_of_text_and_of_numbers(strings: Callable[..., Any]) -> None:
    values, bad = columns.whole(strings("7", " 8 ", None, "", "x", "-1", "1" * 19))
    assert values.tolist() == [7, 8, -1, -1, -1, -1, -1]
    assert bad.tolist() == [False, False, False, False, True, True, True]
    values, bad = columns.whole(pa.chunked_array([pa.array([1, None], pa.uint64()), [5]]))
    assert values.tolist() == [1, -1, 5]
    assert not bad.any()
    assert columns.whole(pa.array([-3]))[1].tolist() == [True]
    assert columns.whole(pa.array([1 << 63], pa.uint64()))[1].tolist() == [True], "wrapped is not right"


@settings(max_examples=200, deadline=None)
@given(st.lists(st.decimals(-(10**9), 10**9, allow_nan=False, places=6), max_size=5))
def test_decimals_are_exact_on_both_paths(values: list[Any]) -> None:
    words = [str(value) for value in values]
    expected = [int(value.scaleb(6)) for value in values]
    assert columns.decimal_micros(pa.array(words, pa.string()), 6)[0].tolist() == expected
    mixed, bad = columns.decimal_micros(pa.array([*words, "rubbish"], pa.string()), 6)
    assert mixed.tolist() == [*expected, 0]
    assert bad.tolist() == [False] * len(words) + [True]


def test_protocols_by_name_and_number(strings: Callable[..., Any]) -> None:
    found = columns.protocol_numbers(strings("tcp", "UDP", "6", "icmp", "none such", None))
    assert found.tolist() == [6, 17, 6, 1, -1, -1]


@pytest.mark.parametrize(
    "word",
    ["1709251200", "1709251200000", "1709251200000000", "1709251200000000000", "2024-03-01T00:00:00Z"],
)
def test_the_unit_of_an_epoch_shows_in_its_size(word: str, strings: Callable[..., Any]) -> None:
    for others in ((), (None,), ("2024-03-01 00:00:00", "x")):
        values, bad = columns.times(strings(word, *others), None, UTC)
        assert datetime_of(values[0]) == datetime(2024, 3, 1, tzinfo=UTC)
        assert bad.tolist()[0] is False
        assert all(bad.tolist()[n + 1] for n, other in enumerate(others) if other in (None, "x"))


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("epoch_s", "1709251200.5"),
        ("epoch_ms", "1709251200500"),
        ("epoch_us", "1709251200500000"),
        ("epoch_ns", "1709251200500000000"),
        ("iso", "2024-03-01T00:00:00.5Z"),
    ],
)
def test_a_stated_unit_is_taken_as_stated(kind: Any, word: str, strings: Callable[..., Any]) -> None:
    values, _ = columns.times(strings(word), kind, UTC)
    assert datetime_of(values[0]) == datetime(2024, 3, 1, microsecond=500_000, tzinfo=UTC)


def test_each_is_worked_out_once_for_each_word() -> None:
    asked: list[str] = []

    def meaning(word: str) -> int:
        asked.append(word)
        return int(word)

    values, bad = columns.each(pa.array(["1", "2", "1", None, "x"]), meaning)
    assert values.tolist() == [1, 2, 1, 0, 0]
    assert bad.tolist() == [False, False, False, True, True]
    assert sorted(asked) == ["1", "2", "x"]


def test_flat_of_nothing() -> None:
    assert len(columns.flat(pa.chunked_array([], pa.string()))) == 0
    assert columns.text(pa.array([1, None])).to_pylist() == ["1", None]
