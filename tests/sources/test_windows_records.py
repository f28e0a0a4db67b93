"""Windows events in JSON: which forms are known, and what is wrong with the others."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.sources.windows_records import event_of, is_event, text_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Event", "System", "EventID", "winlog", "event_id", "Computer", "#text"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ({"EventID": 1, "Hostname": "a", "Channel": "Security"}, True),
        ({"EventID": 1, "Hostname": "a"}, False),
        ({"EventID": 1, "Channel": "Security"}, False),
        ({"winlog": {"event_id": 1}}, True),
        ({"winlog": {"channel": "x"}}, False),
        ({"Event": {"System": {"EventID": 1}}}, True),
        ({"Event": "x", "EventID": 1}, False),
    ],
)
def test_the_three_forms(record: dict[str, Any], found: bool) -> None:
    assert is_event(record) is found


def test_sysmons_own_time_is_utc_whatever_the_sensors_zone() -> None:
    from zoneinfo import ZoneInfo

    record = {"EventID": 1, "Hostname": "a", "Channel": "x", "UtcTime": "2024-03-01 00:00:00.250"}
    assert event_of(record, ZoneInfo("Asia/Tokyo")).time == 1_709_251_200_250_000


def test_a_value_is_plain_text_and_bounded() -> None:
    assert text_of({"#attributes": {"a": 1}, "#text": 5}) == "5"
    assert len(text_of("x" * 1_000_000)) == 4096
    assert len(text_of(["x" * 1_000_000])) == 4096
    assert text_of("\udc80").encode()


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["Event", "winlog", "EventID", "Hostname"]), JSON, max_size=4))
def test_whatever_comes_is_an_event_or_has_a_reason(record: dict[str, Any]) -> None:
    is_event(record)
    try:
        event = event_of(record, UTC)
    except ValueError:
        return
    assert event.host
