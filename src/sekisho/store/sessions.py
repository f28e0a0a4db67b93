"""Sessions of chosen connections from raw flows, and their days from roll-ups."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from sekisho.store import snapshot
from sekisho.store.engines.base import Engine
from sekisho.store.layout import Layout
from sekisho.store.manifest import reading
from sekisho.store.queries import sessions as queries
from sekisho.store.queries import sources
from sekisho.store.queries.columns import DAY
from sekisho.store.shapes import CONNECTIONS, conformed, record_table

SESSIONS = pa.schema(
    [
        ("number", pa.int64()),
        ("sensor", pa.string()),
        ("start", pa.int64()),
        ("lasted", pa.int64()),
        ("sent", pa.int64()),
        ("received", pa.int64()),
        ("established", pa.bool_()),
    ]
)
"""Sessions: which connection, who saw it, when by its clock and how long (microseconds), IP-layer bytes
from the initiator and to it, whether it came about."""
DAYS = pa.schema(
    [
        ("number", pa.int64()),
        ("day", pa.int64()),
        ("flows", pa.int64()),
        ("established", pa.int64()),
        ("first", pa.int64()),
        ("last", pa.int64()),
        ("sent", pa.float64()),
        ("sent_spread", pa.float64()),
        ("received", pa.float64()),
        ("received_spread", pa.float64()),
        ("hours", pa.int32()),
        ("flags", pa.int32()),
    ]
)
"""Connection-days: which connection, day (number), flows, first and last (microseconds), the least bytes from
the initiator and to it and how many more there may be, the UTC hours in which flows began, a bit each, and
all flags of its flows."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """`rows`: SESSIONS, in order of number, then start. `pruned` are days (numbers) of the window whose raw
    flows are gone."""

    rows: pa.Table
    pruned: tuple[int, ...] = ()


def sessions(
    layout: Layout,
    connection: sqlite3.Connection,
    open_engine: Callable[[], Engine],
    asked: pa.Table,
    begin: int,
    end: int,
) -> Sessions:
    """Sessions of connections (keys; `number` is the place of the key, from 0) that start within
    [begin, end) microseconds of their own sensor's clock. A flow that two sensors saw is there twice.
    """
    first, last = begin // DAY, -(-end // DAY) - 1
    found = snapshot.raw(connection, layout, first, last)
    if not found.segments or not asked.num_rows:
        return Sessions(SESSIONS.empty_table(), found.pruned)
    with open_engine() as engine:
        engine.register("asked", _numbered(asked))
        engine.register("excluded", record_table(found.excluded))
        engine.run(queries.ENDS)
        engine.run(queries.rows([layout.absolute(one.path) for one in found.segments], begin, end))
        engine.run(sources.current("observed", "all_rows", excluded=bool(found.excluded)))
        engine.run(queries.ONE_WAY)
        rows = engine.fetch(queries.sessions()).cast(SESSIONS)
    return Sessions(rows.sort_by([("number", "ascending"), ("start", "ascending")]), found.pruned)


def daily(
    layout: Layout,
    connection: sqlite3.Connection,
    open_engine: Callable[[], Engine],
    asked: pa.Table,
    floor: int = 0,
) -> pa.Table:
    """DAYS of connections (keys; `number` is the place of the key) over all time, in order; of those alone by
    which `floor` bytes and more may have gone one way."""
    with reading(connection):
        listed = snapshot.rollups(connection, *snapshot.ALWAYS)
    good, _ = snapshot.whole(layout, listed)
    if not good or not asked.num_rows:
        return DAYS.empty_table()
    with open_engine() as engine:
        engine.register("asked", _numbered(asked))
        question = queries.daily([layout.absolute(one.path) for one in good], floor)
        return engine.fetch(question).select(DAYS.names).cast(DAYS)


def _numbered(asked: pa.Table) -> pa.Table:
    keys = conformed(asked, CONNECTIONS)
    return keys.append_column("number", pa.array(range(keys.num_rows), pa.int64()))
