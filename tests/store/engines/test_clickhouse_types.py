from __future__ import annotations

import pyarrow as pa

from sekisho.model.flows import TIME
from sekisho.store.engines.clickhouse_types import columns, quoted, spread

SCHEMA = pa.schema([pa.field("start", TIME, nullable=False), pa.field("text", pa.string())])


def test_columns_are_nullable_where_the_schema_says_so() -> None:
    assert columns(SCHEMA) == "`start` DateTime64(6, 'UTC'), `text` Nullable(String)"


def test_a_cluster_has_a_table_on_every_shard_and_one_over_them() -> None:
    here, everywhere = spread("flows", SCHEMA, "it's", "text")
    assert here == (
        "CREATE TABLE IF NOT EXISTS flows_shard ON CLUSTER 'it\\'s' (`start` DateTime64(6, 'UTC'), "
        "`text` Nullable(String)) ENGINE = MergeTree ORDER BY text"
    )
    assert everywhere == (
        "CREATE TABLE IF NOT EXISTS flows ON CLUSTER 'it\\'s' AS flows_shard ENGINE = "
        "Distributed('it\\'s', currentDatabase(), flows_shard, rand())"
    )


def test_a_text_stays_one_whatever_is_in_it() -> None:
    assert quoted("a'b\\c") == "'a\\'b\\\\c'"
