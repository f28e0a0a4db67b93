"""Tables that go into the engine and come out of it."""

from __future__ import annotations

import pyarrow as pa

from sekisho.model.flows import TIME

SPANS = pa.schema(
    [("level", pa.int8()), ("span", pa.int64()), ("stop", pa.int64()), ("era", pa.int32())]
)
LABELS = pa.schema(
    [
        ("era", pa.int32()),
        ("realm", pa.string()),
        ("hi", pa.int64()),
        ("lo", pa.int64()),
        ("class", pa.int32()),
        ("steady", pa.bool_()),
    ]
)
DECISIONS = pa.schema(
    [
        ("src_class", pa.int32()),
        ("dst_class", pa.int32()),
        ("protocol", pa.int16()),
        ("port", pa.int32()),
        ("begin", TIME),
        ("end", TIME),
        ("rank", pa.int8()),
    ]
)
CONNECTIONS = pa.schema(
    [
        ("src_realm", pa.string()),
        ("src_hi", pa.int64()),
        ("src_lo", pa.int64()),
        ("dst_realm", pa.string()),
        ("dst_hi", pa.int64()),
        ("dst_lo", pa.int64()),
        ("protocol", pa.int16()),
        ("port", pa.int32()),
    ]
)
"""Keys of connections, as questions take them."""


def conformed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The schema's columns, in its order and types. Raises KeyError where one is missing."""
    return table.select(schema.names).cast(schema)
