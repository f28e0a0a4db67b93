"""How columns and tables are written down for ClickHouse."""

from __future__ import annotations

import pyarrow as pa

from sekisho.store.engines.portable import portable

TYPES = {
    "bool": "Bool",
    "int8": "Int8",
    "int16": "Int16",
    "int32": "Int32",
    "int64": "Int64",
    "double": "Float64",
    "string": "String",
    "timestamp[us, tz=UTC]": "DateTime64(6, 'UTC')",
}


def columns(schema: pa.Schema) -> str:
    """Column definitions; a column is nullable where the schema says so."""
    return ", ".join(
        f"`{c.name}` Nullable({TYPES[str(kind)]})" if c.nullable else f"`{c.name}` {TYPES[str(kind)]}"
        for c, kind in zip(schema, portable(schema).types, strict=True)
    )


def spread(name: str, schema: pa.Schema, cluster: str, order: str) -> tuple[str, str]:
    """Statements that make a table whose rows lie on the shards of a cluster, if it is not there."""
    on = quoted(cluster)
    here = f"CREATE TABLE IF NOT EXISTS {name}_shard ON CLUSTER {on} ({columns(schema)})"
    here += f" ENGINE = MergeTree ORDER BY {order}"
    everywhere = f"CREATE TABLE IF NOT EXISTS {name} ON CLUSTER {on} AS {name}_shard"
    everywhere += f" ENGINE = Distributed({on}, currentDatabase(), {name}_shard, rand())"
    return here, everywhere


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
