from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from sekisho.store.arrivals import ARRIVED
from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.queries import arrivals
from sekisho.store.spool import labelled, parquet_writer


@pytest.fixture
def engine(tmp_path: Path) -> DuckDB:
    return DuckDB(tmp_path, tmp_path, "300MB", 1)


def test_rows_of_other_files_and_superseded_ones_are_left_out(engine: DuckDB, tmp_path: Path) -> None:
    from tests.store.conftest import _flow, _table

    rows = _table([_flow(at=n, row=n + 1) for n in range(4)], "edge")
    numbered = rows.append_column("file", pa.array([1, 2, 2, 3], pa.int32()))
    with parquet_writer(tmp_path / "a.parquet") as writer:
        writer.write_table(labelled(numbered))
    superseded = {"file": pa.array([2], pa.int32()), "row": pa.array([2], pa.int64())}
    with engine:
        engine.register("superseded", pa.table(superseded))
        engine.run(arrivals.raw("brought", [tmp_path / "a.parquet"], 2, 2, superseded=True))
        engine.run(arrivals.observed("brought", confined=False))
        engine.run(arrivals.conversations(one_way=False))
        (reach,) = engine.fetch(arrivals.reach("brought")).to_pylist()
        assert (reach["n"], reach["one_way"]) == (1, False)
        found = engine.fetch(arrivals.summed([0]))
        assert engine.fetch(arrivals.coarse([0])).num_rows == 1
    assert found.column_names == ARRIVED.names
    assert found["flows"].to_pylist() == [1]
