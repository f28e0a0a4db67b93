"""The raw rows that a question reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sekisho.model.flows import FLOW_SCHEMA, Flag
from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.queries.columns import DAY
from sekisho.store.queries.sources import current, parquet, raw

Row = dict[str, Any]
BEGIN, END, REACH = 19_786 * DAY, 19_787 * DAY, 10_000_000
IMPOSSIBLE = int(Flag.IMPOSSIBLE_TIME)


@pytest.fixture
def write(tmp_path: Path, table: Callable[..., pa.Table]) -> Callable[..., Path]:
    def made(name: str, rows: list[Row]) -> Path:
        flows = table(rows, "edge").append_column("file", pa.array([1] * len(rows), pa.int32()))
        pq.write_table(flows.cast(FLOW_SCHEMA), tmp_path / name)
        return tmp_path / name

    return made


def test_of_near_files_only_what_touches_the_day_is_read(
    engine: DuckDB, write: Callable[..., Path], flow: Callable[..., Row]
) -> None:
    own = write("own.parquet", [flow(at=1), flow(at=80_000)])
    near = write(
        "o'clock.parquet",
        [
            flow(at=-11, lasts=0.5),
            flow(at=-11, lasts=5),
            flow(at=-90_000, lasts=10**6),
            flow(at=-90_000, lasts=10**6, flags=IMPOSSIBLE),
            flow(at=86_399.9),
            flow(at=86_400),
        ],
    )
    engine.run(raw("rows", [own], [near], BEGIN, END, REACH))
    found = engine.fetch("SELECT row FROM rows WHERE start >= '2024-03-04' AND start < '2024-03-05'")
    assert sorted(found["row"].to_pylist()) == [1, 2, 5]
    assert sorted(engine.fetch("SELECT row FROM rows")["row"].to_pylist()) == [1, 2, 2, 3, 5]
    engine.run(raw("rows", [], [near], BEGIN, END, REACH))
    assert engine.fetch("SELECT row FROM rows").num_rows == 3
    assert engine.fetch(f"SELECT 1 AS n FROM {parquet([own, near])}").num_rows == 8


def test_what_is_excluded_does_not_count(
    engine: DuckDB, write: Callable[..., Path], flow: Callable[..., Row]
) -> None:
    engine.run(raw("rows", [write("own.parquet", [flow(), flow(), flow()])], [], BEGIN, END, REACH))
    given = {"file": pa.array([1, 2], pa.int32()), "row": pa.array([2, 3], pa.int64())}
    engine.register("excluded", pa.table(given))
    engine.run(current("counted", "rows", excluded=True))
    assert sorted(engine.fetch("SELECT row FROM counted")["row"].to_pylist()) == [1, 3]
    engine.run(current("counted", "rows", excluded=False))
    assert engine.fetch("SELECT row FROM counted").num_rows == 3
