"""Bulk formatting gives what formatting one by one gives."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.simulate.text import (
    blank_where,
    constant,
    lines,
    micros,
    millis,
    pieces,
    stamps,
    table,
    uids,
    whole,
)


def read(*parts):
    return lines(*parts, constant("\n", len(parts[0]))).decode().splitlines()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 10**8 - 1), min_size=1, max_size=40))
def test_whole(values):
    assert read(whole(np.array(values), 2)) == [str(v) for v in values]


@pytest.mark.parametrize(("words", "top"), [(1, 9_999), (3, 10**12 - 1), (4, 10**16 - 1)])
def test_whole_of_other_widths(words, top):
    values = [0, 1, 9, 10, 9_999, top]
    assert read(whole(np.array(values), words)) == [str(v) for v in values]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 4 * 10**15), min_size=1, max_size=40))
def test_micros_and_stamps(values):
    array = np.array(values)
    assert read(micros(array)) == [f"{v // 10**6}.{v % 10**6:06d}" for v in values]
    assert read(stamps(array)) == [
        f"{datetime.fromtimestamp(v // 10**6, UTC):%Y-%m-%d %H:%M:%S}" for v in values
    ]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 10**11), min_size=1, max_size=20))
def test_millis(values):
    assert read(millis(np.array(values))) == [f"{v // 10**6}.{v // 1000 % 1000:03d}" for v in values]


def test_texts_are_taken_by_number():
    assert read(table(["a", "bcdef", ""])[np.array([1, 2, 0])]) == ["bcdef", "", "a"]


def test_unset_fields():
    part = blank_where(whole(np.array([5, 123456])), np.array([True, False]), "-")
    assert read(part) == ["-", "123456"]
    assert read(blank_where(part, np.array([True, True]))) == ["", ""]


def test_uids_look_like_zeeks_and_differ():
    ids = read(uids(np.random.default_rng(1), 500, "x"))
    assert all(len(i) == 19 and i.startswith("xC") and i.isalnum() for i in ids)
    assert len(set(ids)) == 500


def test_pieces_join_to_lines_over_many_blocks():
    part = whole(np.arange(20_000))
    end = constant("\n", 20_000)
    assert b"".join(pieces(part, end)) == lines(part, end)
    assert len(pieces(part, end)) > 1
    assert lines(part[:0], end[:0]) == b""
