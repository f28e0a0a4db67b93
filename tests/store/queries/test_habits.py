from __future__ import annotations

import pyarrow as pa

from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.queries import habits


def test_a_new_hour_or_the_highest_volume_makes_a_day_suspect(one_engine: DuckDB) -> None:
    table = pa.table(
        {
            "number": pa.array([0] * 5, pa.int64()),
            "day": pa.array([1, 2, 5, 6, 7], pa.int64()),
            "volume": pa.array([10, 20, 20, 30, 5], pa.int64()),
            "flows": pa.array([1] * 5, pa.int64()),
            "hours": pa.array([1, 1, 1, 1, 2], pa.int32()),
        }
    )
    one_engine.register("given", table)
    one_engine.run("CREATE OR REPLACE TEMP TABLE habit_days AS SELECT * FROM given")

    def suspect(*bounds: int) -> list[int]:
        rows = one_engine.fetch(habits.suspects(*bounds)).to_pylist()
        return [row["day"] for row in rows if row["suspect"]]

    assert suspect(2, 60, 0, 1, 24, 0) == [5, 6]
    assert suspect(2, 60, 25, 1, 24, 0) == [6]
    assert suspect(2, 60, 0, 2, 24, 0) == []
    assert suspect(2, 60, 0, 1, 24, 6) == [6]
    assert suspect(1, 60, 0, 2, 24, 0) == [2]
    assert suspect(5, 60, 0, 1, 24, 0) == []
    one_engine.forget("given")


def test_hours_are_new_where_they_are_neighbours_of_none(one_engine: DuckDB) -> None:
    used, now = (
        1 << 0 | 1 << 5,
        {1: 1 << 1, 2: 1 << 23, 3: 1 << 4 | 1 << 6, 4: 1 << 2, 5: 1 << 22, 6: 1 << 3},
    )
    rows = [(number, day, used) for number in now for day in (1, 2)]
    rows += [(number, 3, mask) for number, mask in now.items()]
    number, day, hours = zip(*rows, strict=True)
    table = pa.table(
        {
            "number": pa.array(number, pa.int64()),
            "day": pa.array(day, pa.int64()),
            "volume": pa.array([5] * len(rows), pa.int64()),
            "flows": pa.array([1] * len(rows), pa.int64()),
            "hours": pa.array(hours, pa.int32()),
        }
    )
    one_engine.register("given", table)
    one_engine.run("CREATE OR REPLACE TEMP TABLE habit_days AS SELECT * FROM given")
    found = one_engine.fetch(habits.suspects(2, 60, 99, 2, 2, 0)).to_pylist()
    assert {row["number"] for row in found if row["suspect"]} == {4, 5, 6}
    assert one_engine.fetch(habits.suspects(2, 60, 99, 2, 1, 0)).num_rows == 0, "no habit"
    one_engine.forget("given")
