"""What is on record beside the flows, and since when: by sensor, host and kind."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from sekisho.model.flows import TIME
from sekisho.store.base import microseconds
from sekisho.store.engines.base import Engine
from sekisho.store.layout import Layout
from sekisho.store.manifest import reading
from sekisho.store.queries import recorded as queries
from sekisho.store.queries.columns import DAY
from sekisho.store.side_reading import counted, files_of
from sekisho.store.side_tables import LOGONS, NAMES, SideTable
from sekisho.store.snapshot import Damage

RECORDED = pa.schema(
    [
        ("sensor", pa.string()),
        ("host", pa.string()),
        ("kind", pa.string()),
        ("first", TIME),
        ("last", TIME),
        ("rows", pa.int64()),
    ]
)
"""`host` in lower case is whose log it is, '' for what a sensor on the network saw."""
MOST = 500_000


@dataclass(frozen=True, slots=True)
class Record:
    """`rows` are RECORDED, those with the most rows first; `damage` names files that could not answer."""

    rows: pa.Table
    damage: tuple[Damage, ...] = ()


class Recorded:
    """Sums up what stands beside the flows, by the embedded engine."""

    def __init__(
        self, layout: Layout, connection: sqlite3.Connection, engine: Callable[[], Engine]
    ) -> None:
        self._layout, self._connection, self._engine = layout, connection, engine

    def names(self, begin: datetime | None = None, end: datetime | None = None) -> Record:
        """By sensor and kind of name, within [begin, end) (aware; None: all)."""
        return self._summed(NAMES, queries.NOBODY, begin, end)

    def logons(self, begin: datetime | None = None, end: datetime | None = None) -> Record:
        """By sensor, host and kind of record, within [begin, end) (aware; None: all)."""
        return self._summed(LOGONS, queries.HOST, begin, end)

    def _summed(
        self, table: SideTable, host: str, begin: datetime | None, end: datetime | None
    ) -> Record:
        start = None if begin is None else microseconds(begin)
        stop = None if end is None else microseconds(end)
        first = None if start is None else start // DAY
        last = None if stop is None else (stop - 1) // DAY
        with reading(self._connection):
            paths, damage = files_of(self._layout, self._connection, table, first, last)
            _, superseded = counted(self._connection, table)
        if not paths:
            return Record(RECORDED.empty_table(), damage)
        with self._engine() as engine:
            engine.register("superseded", superseded)
            rows = engine.fetch(queries.summed(paths, host), [start, stop, MOST])
        return Record(rows.cast(RECORDED), damage)
