"""IP bytes from whole frames: the truth lies in the range, and the range is tight."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.model.addresses import V4_HI
from sekisho.sources.base import ReadContext
from sekisho.sources.draft import Draft
from sekisho.sources.frames import least_header, unframe, unframed


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


@settings(max_examples=300, deadline=None)
@given(
    payloads=st.lists(st.integers(0, 1460), min_size=1, max_size=30),
    padded=st.booleans(),
    header=st.sampled_from([28, 40, 60]),
)
def test_the_truth_of_ethernet_lies_in_the_range(
    payloads: list[int], padded: bool, header: int
) -> None:
    sizes = [max(header + payload, 40) for payload in payloads]
    frames = sum(max(size + 14, 60) if padded else size + 14 for size in sizes)
    low, spread = unframed(ints(frames), ints(len(sizes)), ints(header))
    # Small frames of both kinds in one flow may lie a little beside it.
    slack = 6 * len(sizes) if frames < 62 * len(sizes) else 0
    assert low[0] - slack <= sum(sizes) <= low[0] + spread[0]
    assert low[0] + spread[0] < 1.6 * low[0]


@given(st.integers(0, 1 << 62), st.integers(0, 1 << 62))
def test_any_counts_give_a_range_under_the_bound(frames: int, packets: int) -> None:
    low, spread = unframed(ints(frames), ints(packets), ints(40))
    assert 0 <= low[0] <= frames
    assert spread[0] >= 0
    assert low[0] + spread[0] < 1.6 * low[0] or spread[0] == 0


def test_what_is_too_small_for_a_frame_is_ip() -> None:
    low, spread = unframed(ints(40, 120), ints(1, 3), ints(40, 40))
    assert (low.tolist(), spread.tolist()) == ([40, 120], [0, 0])


@pytest.mark.parametrize(("protocol", "v4", "size"), [(6, True, 40), (17, False, 48), (1, True, 20)])
def test_headers(protocol: int, v4: bool, size: int) -> None:
    assert least_header(ints(protocol), np.array([v4])).tolist() == [size]


def test_a_draft_s_bytes_become_ranges() -> None:
    draft = Draft(ints(1), ReadContext("UTC", 1, datetime(2024, 1, 1, tzinfo=UTC)))
    draft.columns |= {"protocol": ints(6), "src_hi": ints(V4_HI)}
    draft.columns |= {"bytes_out": ints(1000), "packets_out": ints(10)}
    unframe(draft)
    assert (draft.columns["bytes_out"][0], draft.columns["bytes_out_spread"][0]) == (800, 200)
    assert draft.columns["bytes_in"][0] == 0
