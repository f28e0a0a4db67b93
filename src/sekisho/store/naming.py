"""Questions about names: where a value was seen, and what was seen in a connection's flows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from sekisho.model.flows import TIME
from sekisho.model.names import NAME_SCHEMA, NameKind, normal
from sekisho.store.engines.base import Engine
from sekisho.store.history import History
from sekisho.store.layout import Layout
from sekisho.store.manifest import reading
from sekisho.store.queries import names
from sekisho.store.queries.columns import DAY
from sekisho.store.shapes import CONNECTIONS, conformed
from sekisho.store.side_reading import counted, files_of
from sekisho.store.side_tables import NAMES as TABLE
from sekisho.store.snapshot import Damage

NAMES = pa.schema([*NAME_SCHEMA, ("path", pa.string()), ("sha256", pa.string())])
SEEN = pa.schema(
    [
        ("kind", pa.string()),
        ("value", pa.string()),
        ("times", pa.int64()),
        ("first", TIME),
        ("last", TIME),
        ("sensors", pa.list_(pa.string())),
        ("path", pa.string()),
        ("sha256", pa.string()),
        ("row", pa.int64()),
    ]
)
_ENDS = pa.schema([("hi", pa.int64()), ("lo", pa.int64())])
_ASKED = pa.schema([("kind", pa.string()), ("value", pa.string())])


@dataclass(frozen=True, slots=True)
class Names:
    """What was found, `total` is how many rows there are, `rows` may hold fewer. `damage` names files that
    could not answer.
    """

    rows: pa.Table
    total: int
    damage: tuple[Damage, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """Different names with whom and since when: rows of `queries.names.TOLD`, `total` in all. `recorded` is
    whether any names are kept of the time; `damage` names files that could not answer."""

    rows: list[dict[str, Any]]
    total: int
    recorded: bool
    damage: tuple[Damage, ...] = ()


class Naming:
    """Reads the names of the days that matter."""

    def __init__(
        self,
        layout: Layout,
        connection: sqlite3.Connection,
        engine: Callable[[], Engine],
        history: History,
    ) -> None:
        self._layout = layout
        self._connection = connection
        self._engine = engine
        self._history = history

    def look_up(
        self,
        values: Collection[str],
        kinds: Collection[NameKind],
        begin: int | None,
        end: int | None,
        limit: int,
    ) -> Names:
        """Rows in NAMES of any of the values, of any of the kinds, in order of time."""
        pairs = {(kind, normal(kind, value)) for kind in kinds for value in values}
        first = None if begin is None else begin // DAY
        last = None if end is None else (end - 1) // DAY
        with reading(self._connection):
            paths, damage = files_of(self._layout, self._connection, TABLE, first, last)
            files, superseded = counted(self._connection, TABLE)
        if not paths or not pairs:
            return Names(NAMES.empty_table(), 0, damage)
        asked = pa.Table.from_pylist(
            [{"kind": str(kind), "value": value} for kind, value in sorted(pairs) if value], _ASKED
        )
        with self._engine() as engine:
            engine.register("asked", asked)
            engine.register("files", files)
            engine.register("superseded", superseded)
            engine.run(names.sought(paths), [begin, end])
            total = engine.fetch("SELECT count(*) AS n FROM found")["n"][0].as_py()
            rows = engine.fetch(names.ORDERED, [limit])
        return Names(rows.cast(NAMES), total, damage)

    def told(
        self,
        values: Collection[str],
        ends: Collection[tuple[int, int]],
        begin: int | None,
        end: int | None,
        limit: int,
    ) -> Told:
        """See `Lake.called`."""
        kinds = [kind for kind in NameKind if kind is not NameKind.NAT]
        pairs = {(str(kind), normal(kind, value)) for kind in kinds for value in values}
        first = None if begin is None else begin // DAY
        last = None if end is None else (end - 1) // DAY
        with reading(self._connection):
            paths, damage = files_of(self._layout, self._connection, TABLE, first, last)
            files, superseded = counted(self._connection, TABLE)
        if not paths:
            return Told([], 0, recorded=False, damage=damage)
        asked = [{"kind": kind, "value": value} for kind, value in sorted(pairs) if value]
        with self._engine() as engine:
            engine.register("asked", pa.Table.from_pylist(asked, _ASKED))
            engine.register(
                "asked_ends", pa.Table.from_pylist([{"hi": hi, "lo": lo} for hi, lo in ends], _ENDS)
            )
            engine.register("files", files)
            engine.register("superseded", superseded)
            engine.run(names.told(paths), [begin, end])
            count = "SELECT count(*) AS n FROM (SELECT DISTINCT kind, value, other FROM told)"
            total = engine.fetch(count)["n"][0].as_py()
            rows = engine.fetch(names.TOLD, [limit]).to_pylist()
        return Told(rows, total, recorded=True, damage=damage)

    def seen_in(self, connections: pa.Table, limit: int) -> Names:
        """Different names in SEEN of the flows of connections (keys), of each kind the most frequent; where
        no flow is on record, those of all time with the same ends and port."""
        if (
            self._connection.execute("SELECT 1 FROM side_file WHERE side = 'names' LIMIT 1").fetchone()
            is None
        ):
            return Names(SEEN.empty_table(), 0)
        days = self._history.days(connections)
        with self._engine() as engine:
            first = last = None
            spans: list[tuple[int, int]] = []
            if days and self._history.put_records(engine, connections, days):
                spans = [(row["first"], row["last"]) for row in engine.fetch(names.DAYS).to_pylist()]
                first, last = min(spans)[0], max(last for _, last in spans)
            else:
                engine.register("asked", conformed(connections, CONNECTIONS))
                engine.run(names.ALWAYS)
            with reading(self._connection):
                paths, damage = files_of(self._layout, self._connection, TABLE, first, last, spans)
                files, superseded = counted(self._connection, TABLE)
            if not paths:
                return Names(SEEN.empty_table(), 0, damage)
            engine.register("files", files)
            engine.register("superseded", superseded)
            engine.run(names.beside(paths))
            count = "SELECT count(*) AS n FROM (SELECT DISTINCT kind, value FROM seen)"
            total = engine.fetch(count)["n"][0].as_py()
            rows = engine.fetch(names.GROUPED, [limit])
        return Names(rows.cast(SEEN), total, damage)
