"""What is said of made-up programs and people: how many of either are found to keep a beat.

The series share nothing with the scenarios. Thresholds were set by seeds below 100; these are others.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from sekisho.audit.automation.contacts import Contacts
from sekisho.audit.automation.signs import signs

Make = Callable[..., Contacts]
Series = NDArray[np.float64]
DAY = 86_400.0
WEEK = 7 * DAY
MICROS = 1_000_000
EACH = 40


def program(rng: np.random.Generator, kind: str) -> tuple[Series, Series]:
    """Times and sizes of one that calls home, its pause cut by up to half."""
    period, jitter = float(rng.choice([60, 300, 1_800, 3_600])), float(rng.choice([0, 0.1, 0.25, 0.5]))
    if kind == "slow":
        period = 4 * 3_600.0
    pauses = period * (1 - jitter * rng.random(int(WEEK / period / 0.5) + 2))
    if kind == "either way":
        pauses = period * (1 + jitter * (2 * rng.random(len(pauses)) - 1))
    times = np.cumsum(pauses)
    if kind == "gaps":
        for _ in range(4):
            begin = rng.random() * WEEK
            times = times[(times < begin) | (times > begin + rng.random() * DAY)]
    if kind == "night":
        times = times[(times % DAY < 6 * 3_600) | (times % DAY >= 22 * 3_600)]
    times = times[times < WEEK]
    return times, 600 * np.exp(rng.normal(0, rng.choice([0, 0.1, 0.35]), len(times)))


def person(rng: np.random.Generator, kind: str) -> tuple[Series, Series]:
    """The same of use that no clock drives."""
    count = int(rng.integers(20, 1_500))
    times = rng.random(count) * WEEK
    if kind == "office hours":
        times = rng.integers(0, 5, count) * DAY + (8 + 10 * rng.beta(2, 2, count)) * 3_600
    if kind == "bursts":
        starts = rng.random(max(2, count // 12)) * WEEK
        times = np.concatenate([at + np.cumsum(rng.exponential(20, 12)) for at in starts])
    if kind == "evenly":
        times = np.cumsum(rng.gamma(2, WEEK / count / 2, count))
    times = np.sort(times[times < WEEK])
    return times, 900 * np.exp(rng.normal(0, rng.choice([0, 0.3, 0.8, 1.2]), len(times)))


def regular(made: Callable[[np.random.Generator, str], tuple[Series, Series]], kind: str) -> float:
    """The share of made-up series that are said to be regular."""
    rng = np.random.default_rng([1_001, *kind.encode()])
    series = [made(rng, kind) for _ in range(EACH)]
    times, sizes = (np.concatenate(column) for column in zip(*series, strict=True))
    contacts = Contacts.of(
        {
            "number": np.repeat(np.arange(EACH), [len(one) for one, _ in series]),
            "start": (times * MICROS).astype(np.int64),
            "lasted": np.full(len(times), MICROS),
            "sent": sizes.astype(np.int64),
        }
    )
    found = signs(contacts, 0, int(WEEK) * MICROS).values()
    return sum(one.beacon is not None and one.beacon.regular for one in found) / EACH


@pytest.mark.parametrize(
    ("kind", "least"),
    [("pause", 0.95), ("either way", 0.9), ("gaps", 0.9), ("night", 0.85), ("slow", 0.75)],
)
def test_programs_are_found_whatever_their_jitter(kind: str, least: float) -> None:
    assert regular(program, kind) >= least


@pytest.mark.parametrize("kind", ["at random", "office hours", "bursts", "evenly"])
def test_people_are_not(kind: str) -> None:
    assert regular(person, kind) <= 0.025


def test_a_beat_is_told_by_its_best_day(contacts: Make) -> None:
    days = [np.arange(86_400 * day, 86_400 * day + 30_000, 600.0) for day in range(3)]
    days[1] = np.arange(86_400.0, 2 * 86_400, 600.0)
    (found,) = signs(contacts(np.concatenate(days)), 0, 3 * 86_400 * MICROS).values()
    assert found.beacon is not None
    assert (found.strong, found.beacon.begin.day, found.beacon.contacts) == (True, 2, 144)
    assert (found.beacon.score, found.beacon.band, found.beacon.interval_seconds) == (1, 0.8, 600)
    assert found.beacon.text.startswith("beacon score 1.00 (the most) on 1970-01-02 UTC: 144 contacts")


def test_a_slow_one_is_told_over_the_whole_window(contacts: Make) -> None:
    (found,) = signs(contacts(np.arange(0, 8 * DAY, 6 * 3_600)), 0, int(8 * DAY) * MICROS).values()
    assert found.beacon is not None
    assert (found.beacon.regular, found.beacon.contacts) == (True, 32)
    assert "from 1970-01-01 to 1970-01-08 UTC" in found.beacon.text


def test_sessions_held_open_and_strobes(contacts: Make) -> None:
    held = signs(contacts([0, 40_000], lasted=15_000), 0, int(DAY) * MICROS)
    assert held[0].long is not None
    assert (held[0].long.seconds, held[0].long.band, held[0].strong) == (30_000, 0.6, True)
    short = signs(contacts([0], lasted=4_000), 0, int(DAY) * MICROS)
    assert (short[0].long is not None, short[0].strong) == (True, False)
    fast = signs(contacts(np.arange(86_400) + 0.1, lasted=0), 0, int(DAY) * MICROS)
    assert fast[0].strobe is not None
    assert (fast[0].strobe.contacts, fast[0].beacon, fast[0].strong) == (86_400, None, True)


def test_nothing_is_said_of_nothing(contacts: Make) -> None:
    assert signs(contacts([]), 0, int(DAY) * MICROS) == {}
    assert signs(contacts([1, 2]), 0, int(DAY) * MICROS) == {}
