from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.queries import contacts


def test_no_part_reads_more_columns_than_it_says() -> None:
    text = contacts.two_way([Path("a.parquet")], 0, 9, superseded=False)
    assert "uid" not in text
    assert "ANTI JOIN" not in text
    assert "ANTI JOIN excluded" in contacts.two_way([Path("a.parquet")], 0, 9, superseded=True)


def test_the_first_sensor_by_name_speaks_where_two_saw_as_much(one_engine: DuckDB) -> None:
    rows = pa.table(
        {
            "number": [0, 0, 1],
            "sensor": ["b", "a", "b"],
            "src_port": [1, 1, 1],
            "start": [10, 20, 30],
            "lasted": [1, 2, 3],
            "sent": [4, 5, 6],
        }
    )
    one_engine.register("made_up", rows)
    found = one_engine.fetch(contacts.contacts(["SELECT * FROM made_up"])).to_pylist()
    assert sorted(row["start"] for row in found) == [20, 30]
    one_engine.forget("made_up")
