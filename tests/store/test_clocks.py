from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sekisho.store.base import ClockPair
from sekisho.store.clocks import MEMORY, densest, layers, offsets, tolerances
from sekisho.store.lake import Lake

T0 = 1_590_969_600


def test_an_offset_is_measured_from_shared_flows(
    lake_of: Callable[..., Lake], zeek_conn: Callable[..., str]
) -> None:
    def log(shift: float, mark: str) -> str:
        return "".join(
            zeek_conn(
                T0 + n * 700 + n % 7 + shift,
                f"{mark}{n}",
                "10.1.0.1",
                n + 1,
                "10.2.0.1",
                22,
                size=100 + n,
            )
            for n in range(60)
        )

    lake = lake_of({"a": log(0.25, "A"), "b": log(4.75, "B")})
    offsets = lake.offsets()
    assert offsets["b"] - offsets["a"] == pytest.approx(4.5, abs=0.01)


def test_the_densest_differences_win_over_chance() -> None:
    true = np.full(50, 1_500_000) + np.arange(50) * 10
    chance = np.linspace(-25_000_000, 25_000_000, 40).astype(np.int64)
    apart = np.concatenate([true, chance])
    alike = np.concatenate([np.ones(50, dtype=bool), np.zeros(40, dtype=bool)])
    found = densest(apart, alike)
    assert found is not None
    assert abs(found[0] - 1_500_250) < 5_000
    assert densest(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool)) is None


def test_tolerances_have_a_floor() -> None:
    tight, wide = tolerances([])
    assert 0 < tight <= wide <= 30_000_000


def test_the_days_own_measurement_goes_before_a_nearer_ones_which_joins_what_it_left_apart() -> None:
    own = [ClockPair("a", "b", 100, 5, 10)]
    near = [
        ClockPair("a", "b", 900, 1, 500),
        ClockPair("b", "c", 40, 2, 3),
        ClockPair("c", "d", 7, 0, 9),
    ]
    found = {one.sensor: one for one in offsets(["a", "b", "c", "lone"], [own, near])}
    assert {name: one.offset - found["a"].offset for name, one in found.items() if name != "lone"} == {
        "a": 0,
        "b": 100,
        "c": 140,
    }
    assert (found["b"].pairs, found["c"].pairs) == (10, 0), "counted on the day itself"
    assert (found["lone"].offset, found["lone"].pairs) == (0, 0)


def test_two_sensors_that_no_day_compares_directly_are_compared_through_others() -> None:
    found = offsets(["a", "d"], [[ClockPair("a", "b", 10, 0, 4), ClockPair("d", "b", -5, 0, 4)]])
    assert [one.sensor for one in found] == ["a", "d"]
    assert found[1].offset - found[0].offset == 15


def test_other_days_speak_by_nearness_and_not_for_ever() -> None:
    by_day = {day: [ClockPair("a", "b", day, 0, 1)] for day in (50, 99, 100, 102, 101 + MEMORY + 1)}
    told = [layer[0].apart for layer in layers([ClockPair("a", "b", 0, 0, 1)], by_day, 101)]
    assert told == [0, 100, 102, 99]
