from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.model.flows import TIME
from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.queries import recorded as queries
from sekisho.store.shapes import record_table


def test_half_lines_do_not_count(tmp_path: Path) -> None:
    table = pa.table(
        {
            "sensor": ["a", "a"],
            "kind": ["logon", "logon"],
            "host": ["X", "x"],
            "event": pa.array([4624, 4624], pa.int32()),
            "time": pa.array([1, 2], TIME),
            "file": pa.array([1, 1], pa.int32()),
            "row": pa.array([1, 2], pa.int64()),
        }
    )
    pq.write_table(table, tmp_path / "one.parquet")
    with DuckDB(tmp_path, tmp_path, "100MB", 1) as engine:
        engine.register("superseded", record_table([(1, 2)]))
        found = engine.fetch(queries.summed([tmp_path / "one.parquet"], queries.HOST), [None, None, 9])
    assert (found["host"].to_pylist(), found["rows"].to_pylist()) == (["x"], [1])
