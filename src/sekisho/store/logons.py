"""Questions about logons: who was let in where, and at which hours hosts' logs speak of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from sekisho.model.flows import TIME
from sekisho.model.logons import LOGON_SCHEMA, LogonKind
from sekisho.store.base import microseconds
from sekisho.store.engines.base import Engine
from sekisho.store.layout import Layout
from sekisho.store.manifest import reading
from sekisho.store.queries import logons
from sekisho.store.queries.columns import DAY
from sekisho.store.side_reading import counted, files_of
from sekisho.store.side_tables import LOGONS as TABLE
from sekisho.store.snapshot import Damage

LOGONS = pa.schema([*LOGON_SCHEMA, ("path", pa.string()), ("sha256", pa.string())])
LOG_HOURS = pa.schema(
    [
        ("host", pa.string()),
        ("sensor", pa.string()),
        ("hour", TIME),
        ("logons", pa.int64()),
        ("missing", pa.int64()),
        ("first", TIME),
        ("last", TIME),
    ]
)
"""`host` in lower case as its log names it; `logons` are records of logons in that hour, `missing` places at
which the log was cleared or lacks records, `first` and `last` the times of these records in the hour."""
_KINDS = pa.schema([("kind", pa.string())])
_NAMES = pa.schema([("name", pa.string())])
_ADDRESSES = pa.schema([("hi", pa.int64()), ("lo", pa.int64())])


@dataclass(frozen=True, slots=True)
class Logons:
    """What was found, `total` is how many rows there are, `rows` may hold fewer. `damage` names files that
    could not answer.
    """

    rows: pa.Table
    total: int
    damage: tuple[Damage, ...] = ()


class LogonLog:
    """Reads the logons of the days that matter."""

    def __init__(
        self, layout: Layout, connection: sqlite3.Connection, engine: Callable[[], Engine]
    ) -> None:
        self._layout = layout
        self._connection = connection
        self._engine = engine

    def any(self) -> bool:
        """Whether there is a logon at all."""
        asked = "SELECT 1 FROM side_file WHERE side = ? LIMIT 1"
        return self._connection.execute(asked, (TABLE.name,)).fetchone() is not None

    def look_up(
        self,
        begin: datetime | None = None,
        end: datetime | None = None,
        *,
        hosts: Collection[str] = (),
        addresses: Collection[tuple[int, int]] = (),
        accounts: Collection[str] = (),
        kinds: Collection[LogonKind] = tuple(LogonKind),
        limit: int = 10_000,
    ) -> Logons:
        """Logons that have to do with any of the hosts (names, short or in full), addresses (hi, lo) or
        accounts (with or without their domain); all where none is named.

        Rows in LOGONS, in order of time, at most `limit` of them, within [begin, end) of their sensor's
        clock (aware).
        """
        start, stop = _micros(begin), _micros(end)
        with reading(self._connection):
            paths, damage = files_of(self._layout, self._connection, TABLE, *_days(start, stop))
            files, superseded = counted(self._connection, TABLE)
        if not paths or not kinds:
            return Logons(LOGONS.empty_table(), 0, damage)
        asked = bool(hosts or addresses or accounts)
        with self._engine() as engine:
            engine.register("files", files)
            engine.register("superseded", superseded)
            engine.register("kinds", _column(_KINDS, [str(kind) for kind in kinds]))
            engine.register("hosts", _column(_NAMES, [name.lower() for name in hosts]))
            engine.register("accounts", _column(_NAMES, [name.lower() for name in accounts]))
            engine.register(
                "addresses",
                pa.Table.from_pylist([{"hi": hi, "lo": lo} for hi, lo in addresses], _ADDRESSES),
            )
            engine.run(logons.sought(paths), [start, stop, asked])
            total = engine.fetch("SELECT count(*) AS n FROM found")["n"][0].as_py()
            rows = engine.fetch(logons.ORDERED, [limit])
        return Logons(rows.cast(LOGONS), total, damage)

    def hours(
        self, begin: datetime | None = None, end: datetime | None = None, limit: int = 100_000
    ) -> tuple[pa.Table, tuple[Damage, ...]]:
        """Of which hosts and hours a Windows log says something of logons: rows in LOG_HOURS, at most
        `limit` of them, within [begin, end) of their sensor's clock (aware). Beside them files that could
        not answer.
        """
        start, stop = _micros(begin), _micros(end)
        with reading(self._connection):
            paths, damage = files_of(self._layout, self._connection, TABLE, *_days(start, stop))
            _, superseded = counted(self._connection, TABLE)
        if not paths:
            return LOG_HOURS.empty_table(), damage
        with self._engine() as engine:
            engine.register("superseded", superseded)
            rows = engine.fetch(logons.hours(paths), [start, stop, limit])
        return rows.cast(LOG_HOURS), damage


def _micros(at: datetime | None) -> int | None:
    return None if at is None else microseconds(at)


def _days(begin: int | None, end: int | None) -> tuple[int | None, int | None]:
    return None if begin is None else begin // DAY, None if end is None else (end - 1) // DAY


def _column(schema: pa.Schema, values: Collection[str]) -> pa.Table:
    return pa.table([pa.array(sorted(set(values)), pa.string())], schema=schema)
