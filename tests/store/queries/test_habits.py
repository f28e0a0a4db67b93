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

    assert suspect(2, 60, 0, 0) == [6, 7]
    assert suspect(2, 60, 31, 0) == [7]
    assert suspect(2, 60, 0, 7) == [7]
    assert suspect(1, 60, 0, 0) == [2, 6, 7]
    assert suspect(5, 60, 0, 0) == []
    one_engine.forget("given")
