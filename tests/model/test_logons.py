"""Logons as columns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sekisho.model.logons import LOGON_SCHEMA, SOURCE_LOGONS, cut


@given(st.text(max_size=80), st.integers(1, 60))
def test_what_is_cut_is_a_beginning_of_whole_characters(text: str, limit: int) -> None:
    found = cut(text, limit)
    assert text.startswith(found)
    assert len(found.encode()) <= limit
    assert found == text or len(text.encode()) > limit


def test_the_lakes_columns_are_the_sources_and_more() -> None:
    assert LOGON_SCHEMA.names[: len(SOURCE_LOGONS)] == SOURCE_LOGONS.names
    assert {field.name for field in LOGON_SCHEMA if not field.nullable} == {
        *("time", "host", "kind", "row", "sensor", "src_realm", "dst_realm", "file"),
    }
