"""Times."""

from __future__ import annotations

import numpy as np
import pytest

from sekisho.sources.netflow.clocks import NO_BOOT, estimated_boots, start_and_end

EXPORT = 1_700_000_000_000_000
SECOND = 1_000_000


def times(uptime: int = -1, boot: int = NO_BOOT, **given: int) -> tuple[int, int]:
    start, end = start_and_end(
        {role: np.array([value]) for role, value in given.items()},
        np.array([EXPORT]),
        np.array([uptime]),
        np.array([boot]),
    )
    return int(start[0]), int(end[0])


@pytest.mark.parametrize(
    ("given", "begin", "last"),
    [
        ({"start_ms": 1_699_999_990_123, "end_ms": 1_699_999_995_456}, -9_877_000, -4_544_000),
        ({"start_s": 1_699_999_990, "end_s": 1_699_999_995}, -10 * SECOND, -5 * SECOND),
        ({"start_ntp": EXPORT - 7, "end_ntp": EXPORT - 3}, -7, -3),
        ({"start_delta": 5_000, "end_delta": 1_000}, -5_000, -1_000),
        ({"start_ms": 1_699_999_990_000, "duration_ms": 2_500}, -10 * SECOND, -7_500_000),
        ({"end_ms": 1_699_999_990_000, "duration_us": 400}, -10 * SECOND - 400, -10 * SECOND),
        ({"seen_ms": 1_699_999_999_000}, -SECOND, -SECOND),
        ({"start_ms": 1_699_999_990_000, "seen_ms": 1_699_999_999_000}, -10 * SECOND, -SECOND),
        ({"start_ms": 0, "start_s": 1_699_999_990, "end_s": 1_699_999_991}, -10 * SECOND, -9 * SECOND),
        ({}, 0, 0),
    ],
)
def test_each_way_of_saying_it(given: dict[str, int], begin: int, last: int) -> None:
    assert times(**given) == (EXPORT + begin, EXPORT + last)


def test_uptimes_count_back_from_the_header() -> None:
    found = times(uptime=10_000, start_uptime=4_000, end_uptime=9_000)
    assert found == (EXPORT - 6 * SECOND, EXPORT - SECOND)


def test_an_uptime_that_wrapped_since() -> None:
    found = times(uptime=5_000, start_uptime=(1 << 32) - 5_000, end_uptime=1_000)
    assert found == (EXPORT - 10 * SECOND, EXPORT - 4 * SECOND)


def test_a_flow_may_end_a_little_after_the_header() -> None:
    assert times(uptime=5_000, start_uptime=4_000, end_uptime=5_250)[1] == EXPORT + 250_000


def test_a_stated_boot_stands_in_for_the_header() -> None:
    assert times(boot=EXPORT - 60 * SECOND, start_uptime=1_000, end_uptime=2_000) == (
        EXPORT - 59 * SECOND,
        EXPORT - 58 * SECOND,
    )
    assert times(start_uptime=1_000, end_uptime=2_000, boot_ms=1_699_999_000_000)[0] == (
        1_699_999_001_000_000
    )


def test_the_boot_is_estimated_from_what_was_sent_soonest() -> None:
    export = np.array([EXPORT, EXPORT + 10 * SECOND, EXPORT + 20 * SECOND])
    ticks = np.array([50_000, 59_500, 68_000, 69_900])
    boots, estimate = estimated_boots(NO_BOOT, ticks, export, np.array([1, 1, 2]))
    assert ((boots - EXPORT) / SECOND).tolist() == [-50.0, -50.0, -50.0]
    assert estimate == EXPORT - 50 * SECOND


def test_a_device_that_started_again_has_a_new_boot() -> None:
    export = np.array([EXPORT, EXPORT + 9_000 * SECOND])
    boots, _ = estimated_boots(NO_BOOT, np.array([50_000, 3_000]), export, np.array([1, 1]))
    assert ((boots - EXPORT) / SECOND).tolist() == [-50.0, 8_997.0]
