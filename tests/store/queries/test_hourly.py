"""Records per sensor and hour, held against a plain count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from sekisho.model.flows import Flag
from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.lake import Lake
from sekisho.store.queries.hourly import HOUR, hours


@given(drawn=st.lists(st.tuples(st.sampled_from("ab"), st.integers(-3 * HOUR, 3 * HOUR)), min_size=1))
def test_each_record_counts_in_the_hour_it_began_in(
    one_engine: DuckDB, drawn: list[tuple[str, int]]
) -> None:
    rows = pa.table(
        {
            "sensor": [sensor for sensor, _ in drawn],
            "start": pa.array([at for _, at in drawn], pa.timestamp("us")),
        }
    )
    one_engine.register("flows", rows)
    found = one_engine.fetch(hours("flows")).to_pylist()
    wanted = Counter((sensor, at // HOUR * HOUR) for sensor, at in drawn)
    assert {(row["sensor"], row["hour"]): row["flows"] for row in found} == wanted
    for row in found:
        inside = [at for s, at in drawn if (s, at // HOUR * HOUR) == (row["sensor"], row["hour"])]
        assert (row["first"], row["last"]) == (min(inside), max(inside))


def test_halves_and_repeats_are_signs_of_life_too(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., dict[str, Any]]
) -> None:
    half = {"flags": int(Flag.ONE_WAY), "bytes_in": 0, "packets_in": 0}
    back = flow("10.1.0.5", "10.40.9.9", 50_000, 2, sport=445, **half)
    take(lake, "edge", [flow(at=1, **half), back, flow(at=3, uid="C1"), flow(at=3, uid="C1")])
    (row,) = lake.hours().to_pylist()
    assert row["flows"] == 4
