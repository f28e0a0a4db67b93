"""Beacon scores of made-up contacts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sekisho.audit.automation.beacon import DAY, beacons
from sekisho.audit.automation.contacts import Contacts

Make = Callable[..., Contacts]


def test_a_perfect_beacon_scores_one(contacts: Make) -> None:
    found = beacons(contacts(np.arange(288) * 300 + 7.0), 0, DAY)
    assert (found.score.tolist(), found.interval.tolist(), found.size.tolist()) == ([1], [300], [500])
    assert (found.contacts.tolist(), found.gaps.tolist()) == ([288], [287])


def test_each_part_is_a_quarter(contacts: Make) -> None:
    rng = np.random.default_rng(3)
    times = np.sort(rng.random(150) * 86_400)
    sizes = rng.integers(100, 9_000, 150)
    one = beacons(contacts(times, sent=sizes), 0, DAY)
    parts = one.timestamps + one.sizes + one.duration + one.histogram
    assert one.score == pytest.approx(parts / 4, abs=0.00051)
    assert 0.3 < one.timestamps[0] < 0.8


def test_eligible_from_four_distinct_seconds(contacts: Make) -> None:
    assert len(beacons(contacts([0, 100, 200]), 0, DAY)) == 0
    assert len(beacons(contacts([0, 0.2, 0.4, 0.8, 100.1, 200.7]), 0, DAY)) == 0, "three distinct"
    assert len(beacons(contacts([0, 100, 200, 300]), 0, DAY)) == 1


def test_what_happens_within_one_second_is_no_gap(contacts: Make) -> None:
    twice = np.sort(np.concatenate([np.arange(100) * 600.0, np.arange(100) * 600.0 + 0.3]))
    found = beacons(contacts(twice), 0, DAY)
    assert (found.gaps.tolist(), found.interval.tolist(), found.timestamps.tolist()) == (
        [99],
        [600],
        [1],
    )


def test_a_strobe_is_no_beacon(contacts: Make) -> None:
    at = np.arange(86_399) + 0.5
    assert len(beacons(contacts(at), 0, DAY)) == 1
    assert len(beacons(contacts([*at, 86_399.5]), 0, DAY)) == 0


def test_periods_and_connections_are_kept_apart(contacts: Make) -> None:
    every = np.arange(0, 3 * 86_400, 1800.0)
    found = beacons(contacts(every, [10.0], every[:20] + 86_400), 0, DAY)
    assert list(zip(found.number, found.period, found.contacts, strict=True)) == [
        (0, 0, 48),
        (0, 1, 48),
        (0, 2, 48),
        (2, 1, 20),
    ]
    assert len(beacons(contacts([]), 0, DAY)) == 0
