from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sekisho.store.clocks import densest, tolerances
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
