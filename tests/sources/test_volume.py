"""The ranges of bytes hold the truth, and stay tight where the source was whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.sources.volume import (
    LARGEST,
    Volume,
    estimated,
    header_bytes,
    scaled,
    volume,
    within_frames,
)


def of(payload: int, ip: int, packets: int, missed: int = 0, header: int = 52) -> Volume:
    return volume(
        *(np.array([value], dtype=np.int64) for value in (payload, ip, packets, missed, header))
    )


def low_high(found: Volume) -> tuple[int, int]:
    return int(found.low[0]), int(found.low[0] + found.spread[0])


def test_headers_of_each_protocol() -> None:
    found = header_bytes(np.array([6, 17, 1, 6]), np.array([True, True, True, False]))
    assert found.tolist() == [52, 28, 40, 72]


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ((100, 152, 1), (152, 152)),
        ((-1, 500, 3), (500, 500)),
        ((0, 0, 0), (0, 0)),
        ((100, -1, 1), (100, 152)),
        ((-1, -1, 0), (0, 0)),
        ((1_607_364_734, 56_983, 40, 1_607_364_734), (56_983, 56_983)),
    ],
)
def test_known_cases(given_: tuple[int, ...], expected: tuple[int, int]) -> None:
    assert low_high(of(*given_)) == expected


def test_offload_counts_short_and_the_payload_stands() -> None:
    low, high = low_high(of(100_000, 60_000, 40))
    assert low == 100_000
    assert 100_000 < high < 160_000


def test_a_part_that_was_lost_widens_the_range_and_says_so() -> None:
    found = of(100_000, 60_000, 40, 50_000)
    low, high = low_high(found)
    assert low == 60_000
    assert high >= 100_000
    assert found.loss[0]


def test_nothing_known_is_unknown_and_not_nothing() -> None:
    assert of(-1, -1, -1).unknown[0]
    assert not of(-1, -1, 0).unknown[0]


@settings(max_examples=300, deadline=None)
@given(
    payload=st.integers(10_000, 10**9),
    full=st.integers(1220, 1460),
    lost=st.floats(0, 0.05),
)
def test_the_true_number_lies_within(payload: int, full: int, lost: float) -> None:
    """A transfer in full segments whose sensor saw everything, or everything but a little."""
    packets = -(-payload // full)
    truth = payload + packets * 52
    missed = int(payload * lost)
    for ip in (truth, -1, payload - missed):
        low, high = low_high(of(payload, ip, packets, missed))
        assert low <= truth <= high or (ip == payload - missed == payload and low == ip)
        if ip != truth and missed == 0:
            assert high < 1.6 * low or payload == 0 or high - low <= 52 * packets


@settings(max_examples=300, deadline=None)
@given(*(st.integers(-1, 1 << 62) for _ in range(4)))
def test_no_input_gives_negative_or_overflowing_numbers(
    payload: int, ip: int, packets: int, missed: int
) -> None:
    low, high = low_high(of(payload, ip, packets, missed))
    assert 0 <= low <= high <= LARGEST * 2


def test_samples_are_scaled_with_their_error() -> None:
    few = scaled(np.array([1000]), np.array([0]), np.array([1]), 100)
    many = scaled(np.array([1_000_000]), np.array([0]), np.array([10_000]), 100)
    assert few[0][0] == 1000, "never under what was seen"
    assert few[1][0] > 100_000
    assert many[0][0] == pytest.approx(100_000_000 * (1 - 0.0196), rel=1e-6)
    assert (many[0] + many[1])[0] == pytest.approx(100_000_000 * (1 + 0.0196), rel=1e-6)
    nothing = scaled(np.array([0]), np.array([0]), np.array([0]), 100)
    assert (nothing[0][0], nothing[1][0]) == (0, 0)


def test_the_range_of_samples_covers_the_truth_about_as_often_as_it_says() -> None:
    chance = np.random.default_rng(5)
    packets, size, factor = 40_000, 1000, 100
    sampled = chance.binomial(packets, 1 / factor, 400)
    low, spread = scaled(sampled * size, np.zeros(400, dtype=np.int64), sampled, factor)
    held = (low <= packets * size) & (packets * size <= low + spread)
    assert held.mean() > 0.9


def test_estimates_that_are_scaled_already() -> None:
    low, spread = estimated(np.array([10_000]), np.array([0]), np.array([4]), np.array([9_000]))
    assert low[0] == 9_000
    assert low[0] + spread[0] == 19_800


def test_frames_hold_their_packets_within_a_tight_range() -> None:
    """A ping (98 for 84), a lone ACK padded (60 for 40), a full segment with a VLAN tag (1518 for 1500)."""
    frames, packets = np.array([98, 60, 1518, 0, 1 << 62]), np.array([1, 1, 1, 0, 5])
    low, spread = within_frames(frames, packets)
    for at, true in enumerate((84, 40, 1500)):
        assert low[at] <= true <= low[at] + spread[at] < 1.6 * low[at]
    assert (low[3], spread[3]) == (0, 0)
    assert low[4] > 0
