"""Questions about names: where a value was seen, and what was seen in a connection's flows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from sekisho.model.flows import TIME
from sekisho.model.names import NAME_SCHEMA, NameKind, normal
from sekisho.store import snapshot
from sekisho.store.engines.base import Engine
from sekisho.store.history import History
from sekisho.store.layout import Layout
from sekisho.store.manifest import reading
from sekisho.store.queries import names
from sekisho.store.queries.columns import DAY
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
_ASKED = pa.schema([("kind", pa.string()), ("value", pa.string())])


@dataclass(frozen=True, slots=True)
class Names:
    """What was found, `total` is how many rows there are, `rows` may hold fewer. `damage` names files that
    could not answer.
    """

    rows: pa.Table
    total: int
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
            paths, damage = self._files(first, last)
            files, superseded = self._counted()
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

    def seen_in(self, connections: pa.Table, limit: int) -> Names:
        """Different names in SEEN of the flows of connections (keys), of each kind the most frequent."""
        if self._connection.execute("SELECT 1 FROM name_file LIMIT 1").fetchone() is None:
            return Names(SEEN.empty_table(), 0)
        days = self._history.days(connections)
        with self._engine() as engine:
            if not days or not self._history.put_records(engine, connections, days):
                return Names(SEEN.empty_table(), 0)
            spans = [(row["first"], row["last"]) for row in engine.fetch(names.DAYS).to_pylist()]
            with reading(self._connection):
                paths, damage = self._files(min(spans)[0], max(last for _, last in spans), spans)
                files, superseded = self._counted()
            if not paths:
                return Names(SEEN.empty_table(), 0, damage)
            engine.register("files", files)
            engine.register("superseded", superseded)
            engine.run(names.beside(paths))
            count = "SELECT count(*) AS n FROM (SELECT DISTINCT kind, value FROM seen)"
            total = engine.fetch(count)["n"][0].as_py()
            rows = engine.fetch(names.GROUPED, [limit])
        return Names(rows.cast(SEEN), total, damage)

    def _files(
        self, first: int | None, last: int | None, spans: Sequence[tuple[int, int]] = ()
    ) -> tuple[list[Path], tuple[Damage, ...]]:
        """Files of names of the days from `first` to `last`, both included, and those not whole; only of
        days in one of the `spans` where there are any."""
        found = self._connection.execute(
            "SELECT day, path, size, rows, lost FROM name_file"
            " WHERE (?1 IS NULL OR day >= ?1) AND (?2 IS NULL OR day <= ?2) ORDER BY day, id",
            (first, last),
        ).fetchall()
        good: list[Path] = []
        bad: list[Damage] = []
        for day, path, size, rows, lost in found:
            if spans and not any(begin <= day <= stop for begin, stop in spans):
                continue
            reason = lost or snapshot.wrong_size(self._layout, path, size)
            if reason is None:
                good.append(self._layout.absolute(path))
            else:
                bad.append(Damage(path, None, rows, reason))
        return good, tuple(bad)

    def _counted(self) -> tuple[pa.Table, pa.Table]:
        """Files that gave names, and the half lines that do not count."""
        files = self._connection.execute(
            "SELECT f.id, f.path, f.content_sha256 FROM file f JOIN file_names n ON n.file = f.id"
        ).fetchall()
        out = self._connection.execute(
            "SELECT e.file, e.row FROM exclusion e JOIN file_names n ON n.file = e.file"
        ).fetchall()
        return (
            pa.table(
                {
                    "file": pa.array([row[0] for row in files], pa.int32()),
                    "path": pa.array([row[1] for row in files], pa.string()),
                    "sha256": pa.array([row[2] for row in files], pa.string()),
                }
            ),
            pa.table(
                {
                    "file": pa.array([row[0] for row in out], pa.int32()),
                    "row": pa.array([row[1] for row in out], pa.int64()),
                }
            ),
        )
