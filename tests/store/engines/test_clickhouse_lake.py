"""Rows of the lake that a server keeps: sent once, whole or not at all, and gone with their file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sekisho.errors import IntegrityError
from sekisho.store.engines.clickhouse import ClickHouse
from sekisho.store.engines.clickhouse_lake import LakeTables

pytestmark = pytest.mark.xdist_group("clickhouse")
SCHEMA = pa.schema([pa.field("x", pa.int64(), nullable=False), pa.field("text", pa.string())])
WEEK = 7 * 86_400


@pytest.fixture
def client(clickhouse: ClickHouse) -> Iterator[Any]:
    yield clickhouse._client
    for (name,) in clickhouse._client.query("SHOW TABLES LIKE 'sekisho_lake_%'").result_rows:
        clickhouse._client.command(f"DROP TABLE {name}")


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    made = [tmp_path / "day=1" / name for name in ("a.parquet", "b's {x}.parquet")]
    made[0].parent.mkdir()
    for number, path in enumerate(made):
        pq.write_table(pa.table({"x": [number, 10], "text": ["t", None]}, schema=SCHEMA), path)
    return made


def read(client: Any, tables: LakeTables, paths: list[Path]) -> list[tuple[int, str | None]]:
    rows = client.query(f"SELECT * FROM ({tables.rows_of(paths, SCHEMA)}) ORDER BY ALL").result_rows
    return [(x, text) for x, text in rows]


def held(client: Any) -> int:
    (name,) = [
        name
        for (name,) in client.query("SHOW TABLES LIKE 'sekisho_lake_%'").result_rows
        if not name.endswith("_loads")
    ]
    rows: int = client.query(f"SELECT count() FROM {name}").result_rows[0][0]
    return rows


def test_the_next_connection_sends_only_what_is_new(
    client: Any, paths: list[Path], tmp_path: Path
) -> None:
    assert read(client, LakeTables(client, None, tmp_path), paths[:1]) == [(0, "t"), (10, None)]
    assert held(client) == 2
    both = [(0, "t"), (1, "t"), (10, None), (10, None)]
    for _ in range(2):
        assert read(client, LakeTables(client, None, tmp_path), paths) == both
        assert held(client) == 4
    assert read(client, LakeTables(client, None, tmp_path), paths[1:]) == both[1:3]


def test_rows_go_with_their_file(client: Any, paths: list[Path], tmp_path: Path) -> None:
    read(client, LakeTables(client, None, tmp_path), paths)
    paths[0].unlink()
    assert read(client, LakeTables(client, None, tmp_path), paths[1:]) == [(1, "t"), (10, None)]
    assert held(client) == 2


def test_what_was_not_sent_to_its_end_or_is_lost_is_sent_again(
    client: Any, paths: list[Path], tmp_path: Path
) -> None:
    whole = pq.read_table(paths[0])
    assert read(client, LakeTables(client, None, tmp_path, clock=lambda: 1.7e9), paths)
    torn = bytes(paths[1].read_bytes())
    paths[1].write_bytes(torn[:-9])
    with pytest.raises(IntegrityError, match=r"b's \{x\}\.parquet"):
        LakeTables(client, None, tmp_path).rows_of(paths, SCHEMA)
    paths[1].write_bytes(torn)
    (name,) = {
        name.removesuffix("_loads")
        for (name,) in client.query("SHOW TABLES LIKE 'sekisho_lake_%'").result_rows
    }
    # A connection that was killed in sending, a long time ago; and a server that lost rows.
    client.insert_arrow(name, whole.append_column("_load", pa.array(["6553f100_dead"] * 2)))
    client.command(f"DELETE FROM {name} WHERE x = 0")
    assert held(client) == 4
    again = LakeTables(client, None, tmp_path, clock=lambda: 1.7e9 + WEEK + 1)
    assert read(client, again, paths) == [(0, "t"), (1, "t"), (10, None), (10, None)]
    assert held(client) == 4


def test_a_file_that_is_not_whole_or_not_the_lakes_is_named(
    client: Any, tmp_path: Path, paths: list[Path]
) -> None:
    torn = tmp_path / "torn.parquet"
    torn.write_bytes(b"PAR1")
    tables = LakeTables(client, None, tmp_path / "day=1")
    with pytest.raises(IntegrityError, match=r"torn\.parquet"):
        tables.rows_of([torn], SCHEMA)
    with pytest.raises(IntegrityError, match="gone"):
        tables.rows_of([tmp_path / "day=1" / "gone"], SCHEMA)
    with pytest.raises(IntegrityError, match=r"torn\.parquet"):
        LakeTables(client, None, tmp_path).rows_of([torn], SCHEMA)
