from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from sekisho.errors import IntegrityError
from sekisho.model.flows import TIME
from sekisho.store.engines.clickhouse import ClickHouse
from sekisho.store.engines.clickhouse_tables import Tables, columns, spread

pytestmark = pytest.mark.xdist_group("clickhouse")
SCHEMA = pa.schema([pa.field("start", TIME, nullable=False), pa.field("text", pa.string())])


def test_columns_are_nullable_where_the_schema_says_so() -> None:
    assert columns(SCHEMA) == "`start` DateTime64(6, 'UTC'), `text` Nullable(String)"


def test_a_cluster_has_a_table_on_every_shard_and_one_over_them() -> None:
    here, everywhere = spread("flows", SCHEMA, "it's")
    assert here == (
        "CREATE TABLE flows_shard ON CLUSTER 'it\\'s' (`start` DateTime64(6, 'UTC'), "
        "`text` Nullable(String)) ENGINE = MergeTree ORDER BY tuple()"
    )
    assert everywhere == (
        "CREATE TABLE flows ON CLUSTER 'it\\'s' AS flows_shard ENGINE = "
        "Distributed('it\\'s', currentDatabase(), flows_shard, rand())"
    )


def test_a_sweep_drops_what_is_a_week_old_and_ours(clickhouse: ClickHouse) -> None:
    client = clickhouse._client
    old = Tables(client, None, clock=lambda: 1_700_000_000.0)
    new = Tables(client, None, clock=lambda: 1_700_000_000.0 + 8 * 86_400)
    for tables in (old, new):
        tables.create(tables.named("x"), SCHEMA)
    client.command("CREATE TABLE sekisho_of_somebody (x Int8) ENGINE = MergeTree ORDER BY tuple()")
    new.sweep()
    left = {name for (name,) in client.query("SHOW TABLES").result_rows}
    assert old.named("x") not in left
    assert {new.named("x"), "sekisho_of_somebody"} <= left
    client.command("DROP TABLE sekisho_of_somebody")
    new.clear()


def test_a_file_that_is_not_whole_is_named(clickhouse: ClickHouse, tmp_path: Path) -> None:
    torn = tmp_path / "torn.parquet"
    torn.write_bytes(b"PAR1")
    tables = Tables(clickhouse._client, None)
    with pytest.raises(IntegrityError, match=r"torn\.parquet"):
        tables.load(tables.named("torn"), [torn], SCHEMA)
    tables.clear()
