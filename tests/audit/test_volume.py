from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.audit.volume import TIGHT, byte_range
from sekisho.model.flows import Flag


def test_a_tight_range_needs_no_reason() -> None:
    found = byte_range(1000, 599, int(Flag.LOSS))
    assert (found.low, found.high, found.why) == (1000, 1599, None)


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        (Flag.LOSS, "a sensor missed part of it"),
        (Flag.SAMPLED | Flag.LOSS, "counted from samples, a sensor missed part of it"),
        (Flag.BYTES_UNKNOWN, "a source gave no volume for part of it"),
        (Flag.SUMMED, "a source counts both directions in one"),
        (Flag(0), "headers are estimated from payload"),
    ],
)
def test_a_wide_range_says_why(flags: Flag, why: str) -> None:
    assert byte_range(1000, 600, int(flags)).why == why


@given(st.integers(0, 10**12), st.integers(-5, 10**12), st.integers(0, 4095))
@settings(max_examples=100, deadline=None)
def test_there_is_a_reason_exactly_where_the_range_is_wide(low: int, spread: int, flags: int) -> None:
    found = byte_range(low, spread, flags)
    assert found.low <= found.high
    wide = found.high > found.low and found.high >= TIGHT * found.low
    assert (found.why is not None) == wide
