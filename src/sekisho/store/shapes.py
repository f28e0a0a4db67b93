"""Tables that go into the engine and come out of it."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from sekisho.model.flows import FLOW_SCHEMA, TIME

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
_KEYS = [
    ("src_realm", pa.string()),
    ("src_hi", pa.int64()),
    ("src_lo", pa.int64()),
    ("dst_realm", pa.string()),
    ("dst_hi", pa.int64()),
    ("dst_lo", pa.int64()),
    ("protocol", pa.int16()),
    ("port", pa.int32()),
]
CONNECTIONS = pa.schema(_KEYS)
"""Keys of connections, as questions take them."""

_CLASSES = [("src_class", pa.int32()), ("dst_class", pa.int32())]
_BYTES = [
    ("bytes_out", pa.int64()),
    ("bytes_out_spread", pa.int64()),
    ("bytes_in", pa.int64()),
    ("bytes_in_spread", pa.int64()),
]
_VOLUME = [
    *_BYTES,
    ("payload_out", pa.int64()),
    ("payload_in", pa.int64()),
    ("packets_out", pa.int64()),
    ("packets_in", pa.int64()),
]
_TRAITS = [
    ("hours", pa.int32()),
    ("flags", pa.int32()),
    ("orientation", pa.int8()),
    ("services", pa.string()),
]
CONNECTION_DAYS = pa.schema(
    [
        ("piece_begin", pa.int64()),
        ("sensor", pa.string()),
        *_KEYS,
        ("role", pa.int32()),
        ("flows", pa.int64()),
        ("established", pa.int64()),
        ("first", TIME),
        ("last", TIME),
        ("first_established", TIME),
        ("oneway_flows", pa.int64()),
        ("oneway_out", pa.int64()),
        ("oneway_in", pa.int64()),
        ("first_oneway", TIME),
        *_VOLUME,
        *_TRAITS,
    ]
)
"""A roll-up as it lies in the lake, without `day`, a date, which is not the same on every engine;
`piece_begin` is where that day begins."""
CONNECTION_MONTHS = pa.schema(
    [
        ("span", pa.int64()),
        ("role", pa.int32()),
        ("sensor", pa.string()),
        *_KEYS,
        ("days", pa.int32()),
        ("flows", pa.int64()),
        ("established", pa.int64()),
        ("counted", pa.int64()),
        ("first", TIME),
        ("last", TIME),
        ("first_established", TIME),
        ("first_counted", TIME),
        *_VOLUME,
        *_TRAITS,
    ]
)
"""A roll-up of a month as it lies in the lake."""
ROWS = pa.schema([("level", pa.int8()), *CONNECTION_MONTHS])
"""What a round looks at: rows of months, days or pieces of days."""
ADDRESSES = pa.schema(
    [("era", pa.int32()), ("realm", pa.string()), ("hi", pa.int64()), ("lo", pa.int64())]
)
_JUDGING = [
    ("level", pa.int8()),
    ("span", pa.int64()),
    *_KEYS,
    *_CLASSES,
    ("days", pa.int32()),
    ("flows", pa.int64()),
    ("counted", pa.int64()),
    ("first", TIME),
]
_DECIDING = [*_JUDGING, ("first_counted", TIME), ("last", TIME), ("until", pa.int64())]
LABELLED = pa.schema([*_DECIDING, ("steady", pa.bool_()), *_BYTES])
COMBINATIONS = pa.schema([*_CLASSES, ("protocol", pa.int16()), ("port", pa.int32())])
DECIDED = pa.schema([*_DECIDING, ("decided", pa.int8()), ("settled", pa.bool_()), *_BYTES])
JUDGED = pa.schema(
    [
        *_JUDGING,
        ("last", TIME),
        ("decided", pa.int8()),
        ("rank", pa.int8()),
        ("since", TIME),
        *_BYTES,
    ]
)
LOOSE = pa.schema([("level", pa.int8()), ("span", pa.int64()), *_KEYS])
JUDGED_CONNECTIONS = pa.schema(
    [
        *_KEYS,
        ("rank", pa.int8()),
        ("flows", pa.int64()),
        ("first", TIME),
        ("last", TIME),
        *_CLASSES,
        *_BYTES,
    ]
)
JUDGED_ALL = pa.schema(
    [*_KEYS, ("rank", pa.int8()), ("flows", pa.int64()), ("first", TIME), ("last", TIME)]
)
CONNECTION_TOTALS = pa.schema([("rank", pa.int8()), ("connections", pa.int64())])
FLOW_TOTALS = pa.schema([("rank", pa.int8()), ("flows", pa.int64())])
BLUNT = pa.schema([("span", pa.int64()), ("begin", pa.int64()), ("stop", pa.int64())])
"""Pieces of days whose raw flows are gone; `span` is where the day begins."""
LINKS = pa.schema(
    [*_CLASSES, ("rank", pa.int8()), ("connections", pa.int64()), ("flows", pa.int64()), *_BYTES]
)
OF_SERVICES = pa.schema(
    [
        *_CLASSES,
        ("protocol", pa.int16()),
        ("port", pa.int32()),
        ("connections", pa.int64()),
        ("flows", pa.int64()),
        *_BYTES,
    ]
)
VIOLATIONS = pa.schema(
    [
        *_KEYS,
        ("rank", pa.int8()),
        ("flows", pa.int64()),
        ("established", pa.int64()),
        ("days_active", pa.int64()),
        ("first_seen", TIME),
        ("last_seen", TIME),
        ("first_established", TIME),
        *_VOLUME,
        *_TRAITS,
        *_CLASSES,
        ("judged_at", TIME),
    ]
)
VIEWS = pa.schema(
    [
        *_KEYS,
        ("sensor", pa.string()),
        ("flows", pa.int64()),
        ("established", pa.int64()),
        ("first", TIME),
        ("last", TIME),
        ("first_established", TIME),
    ]
)
USAGE = pa.schema(
    [*_CLASSES, ("protocol", pa.int16()), ("port", pa.int32()), ("first", TIME), ("last", TIME)]
)
FIRST_LAST = pa.schema([*_KEYS, ("first", TIME), ("last", TIME)])
TOUCHING = pa.schema([*FIRST_LAST, ("flows", pa.int64())])
RECORDS = pa.schema(
    [
        *(pa.field(f.name, f.type) for f in FLOW_SCHEMA),
        ("path", pa.string()),
        ("sha256", pa.string()),
    ]
)
CONTACTS = pa.schema(
    [("number", pa.int64()), ("start", pa.int64()), ("lasted", pa.int64()), ("sent", pa.int64())]
)
"""Conversations: which connection, when (microseconds), how long, bytes of the initiator."""
HABITS = pa.schema(
    [
        ("number", pa.int64()),
        ("day", pa.int64()),
        ("volume", pa.int64()),
        ("flows", pa.int64()),
        ("hours", pa.int32()),
        ("suspect", pa.bool_()),
    ]
)
"""Days of connections, in order: which one, the day's number, bytes both ways, flows, UTC hours in which
flows began (bits), and whether the day may be unlike those before."""
HOURS = pa.schema(
    [
        ("sensor", pa.string()),
        ("hour", pa.int64()),
        ("flows", pa.int64()),
        ("first", pa.int64()),
        ("last", pa.int64()),
    ]
)


def conformed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The schema's columns, in its order and types. Raises KeyError where one is missing."""
    return table.select(schema.names).cast(schema)


def record_table(records: Iterable[tuple[int, int]]) -> pa.Table:
    """Records as (file, row), for an engine."""
    given = list(records)
    return pa.table(
        {
            "file": pa.array([file for file, _ in given], pa.int32()),
            "row": pa.array([row for _, row in given], pa.int64()),
        }
    )
