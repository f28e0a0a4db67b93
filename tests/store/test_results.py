from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.store.results import SCHEMA, answers_to, sweep, write

AT = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
ROW = {
    "received": AT,
    "node": 1,
    "hostname": "pc1",
    "uuid": "",
    "source": "distributed",
    "campaign": 3,
    "name": "services",
    "status": 0,
    "message": "",
    "row": 0,
    "columns": [("name", "x"), ("path", "'; DROP TABLE x; --")],
}


def table() -> pa.Table:
    return pa.Table.from_pylist([ROW], schema=SCHEMA)


def test_a_file_lies_in_its_day_and_reads_as_it_was_written(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    path = write(tmp_path, folder, table(), AT)
    assert path.startswith("day=2026-03-01/")
    assert pq.read_table(folder / path, schema=SCHEMA, partitioning=None).to_pylist() == [ROW]
    assert write(tmp_path, folder, table(), AT) != path


def test_what_does_not_count_is_swept_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    kept, killed = (write(tmp_path, folder, table(), AT) for _ in range(2))
    part = (folder / killed).with_name(".0123456789ab-0.parquet")
    part.write_bytes(b"half")
    (folder / "day=2026-03-01" / "notes.txt").write_text("a person's")
    assert sweep(folder, {kept}) == 2
    left = sorted(p.name for p in folder.rglob("*") if p.is_file())
    assert left == sorted([Path(kept).name, "notes.txt"])
    assert sweep(tmp_path / "nothing", ()) == 0


def test_what_came_for_one_campaign(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    other = table().set_column(5, SCHEMA.field("campaign"), pa.array([4], pa.int64()))
    paths = [write(tmp_path, folder, one, AT) for one in (table(), other, table())]
    assert answers_to(folder, paths, 3).to_pylist() == [ROW, ROW]
    assert answers_to(folder, paths, 5).num_rows == answers_to(folder, [], 3).num_rows == 0
