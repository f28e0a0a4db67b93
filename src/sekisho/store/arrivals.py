"""What came into the lake after some file: read once, summed up in the engine, asked a few questions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import pyarrow as pa

from sekisho.model.flows import TIME
from sekisho.store import snapshot
from sekisho.store.base import microseconds
from sekisho.store.engines.base import Engine
from sekisho.store.layout import Layout
from sekisho.store.manifest import reading
from sekisho.store.queries import arrivals as questions
from sekisho.store.queries import conversations
from sekisho.store.queries.columns import DAY
from sekisho.store.shapes import CONNECTIONS, conformed
from sekisho.store.snapshot import Damage

MOST_ROWS = 500_000
"""Rows that are looked at together at most, unless one file alone has more."""
ARRIVED = pa.schema(
    [
        ("piece", pa.int64()),
        ("day", pa.int64()),
        ("sensor", pa.string()),
        *CONNECTIONS,
        ("flows", pa.int64()),
        ("established", pa.int64()),
        ("oneway_flows", pa.int64()),
        ("oneway_out", pa.int64()),
        ("oneway_in", pa.int64()),
        ("first", TIME),
        ("last", TIME),
        ("first_established", TIME),
        ("bytes_out", pa.int64()),
        ("bytes_in", pa.int64()),
        ("provisional", pa.bool_()),
        ("orientation", pa.int8()),
        ("halves", pa.int64()),
        ("sent", pa.bool_()),
        ("answered", pa.bool_()),
    ]
)
"""One row per connection, sensor and piece of time. `piece` is where it begins, microseconds; within one
neither the day nor anything asked for by `cuts` changes. The rest is as in a roll-up; `halves` are flows
of which one direction has come yet, `provisional` says that no record shows who opened it."""
ASKED = pa.schema([*CONNECTIONS, ("client", pa.int32()), ("orientation", pa.int8()), ("first", TIME)])
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Taken:
    """Which files these are: numbers, rows, when the last was taken (UTC), and how many wait behind."""

    first: int
    last: int
    rows: int
    at: datetime
    behind: int
    paths: tuple[str, ...]


class Arrivals:
    """Flows of some files. Use as a context manager; what the engine holds is freed at its end."""

    def __init__(
        self, engine: Engine, taken: Taken, table: pa.Table, damage: Sequence[Damage], one_way: bool
    ) -> None:
        self._engine = engine
        self._one_way = one_way
        self.taken = taken
        self.table = table
        """ARRIVED."""
        self.damage = tuple(damage)
        """Files of the lake that are not whole: what they hold is not in the table."""

    def ports(self, connections: pa.Table) -> pa.Table:
        """Client ports of the one-way records of connections (keys): keys, sent, answered, clients.

        Lists of at most `queries.arrivals.PORTS`; `sent` and `answered` are of lone halves.
        """
        if not self._one_way or not connections.num_rows:
            return _PORTS.empty_table()
        self._engine.register("asked", conformed(connections, CONNECTIONS))
        try:
            return self._engine.fetch(questions.ports()).cast(_PORTS)
        finally:
            self._engine.forget("asked")

    def opposite(self, asked: pa.Table) -> pa.Table:
        """Which five-tuples of ASKED were opened from the other end: keys, client, orientation, start."""
        if not asked.num_rows or not self.table.num_rows:
            return _OPPOSITE.empty_table()
        self._engine.register("asked", conformed(asked, ASKED))
        try:
            return self._engine.fetch(questions.opposite()).cast(_OPPOSITE)
        finally:
            self._engine.forget("asked")

    def close(self) -> None:
        """Free the engine."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


_PORTS = pa.schema(
    [
        *CONNECTIONS,
        ("sent", pa.list_(pa.int32())),
        ("answered", pa.list_(pa.int32())),
        ("clients", pa.list_(pa.int32())),
    ]
)
_OPPOSITE = pa.schema(
    [*CONNECTIONS, ("client", pa.int32()), ("orientation", pa.int8()), ("start", TIME)]
)


def last_file(connection: sqlite3.Connection, before: int | None = None) -> int:
    """The number of the last file, or of the last one taken before a time (microseconds); 0 for none."""
    found = connection.execute(
        "SELECT coalesce(max(id), 0) FROM file WHERE ?1 IS NULL OR taken_at < ?1", (before,)
    ).fetchone()
    return int(found[0])


def open_arrivals(
    layout: Layout,
    connection: sqlite3.Connection,
    engine: Callable[[], Engine],
    after: int,
    cuts: Sequence[datetime],
    most: int,
) -> Arrivals | None:
    """See `Lake.arrivals`."""
    with reading(connection):
        files = connection.execute(
            "SELECT id, rows, taken_at, path FROM file WHERE id > ? ORDER BY id", (after,)
        ).fetchall()
        chosen = _some(files, most)
        if not chosen:
            return None
        first, last = chosen[0][0], chosen[-1][0]
        numbers = [
            number
            for (number,) in connection.execute(
                "SELECT DISTINCT segment FROM segment_file WHERE file BETWEEN ? AND ?", (first, last)
            )
        ]
        listed = snapshot.segments_of(connection, numbers)
        superseded = connection.execute(
            "SELECT file, row FROM exclusion WHERE file BETWEEN ? AND ?", (first, last)
        ).fetchall()
    good, damage = snapshot.whole_segments(layout, listed)
    taken = Taken(
        first=first,
        last=last,
        rows=sum(row[1] for row in chosen),
        at=_EPOCH + timedelta(microseconds=max(row[2] for row in chosen)),
        behind=len(files) - len(chosen),
        paths=tuple(row[3] for row in chosen),
    )
    opened = engine()
    try:
        table, one_way = _summed(layout, opened, good, superseded, taken, cuts)
        return Arrivals(opened, taken, table, damage, one_way)
    except BaseException:
        opened.close()
        raise


def _some(files: Sequence[tuple[int, int, int, str]], most: int) -> Sequence[tuple[int, int, int, str]]:
    rows = 0
    for count, file in enumerate(files):
        rows += file[1]
        if rows > most and count:
            return files[:count]
    return files


def _summed(
    layout: Layout,
    engine: Engine,
    segments: Sequence[snapshot.Segment],
    superseded: Sequence[tuple[int, int]],
    taken: Taken,
    cuts: Sequence[datetime],
) -> tuple[pa.Table, bool]:
    if not segments:
        return ARRIVED.empty_table(), False
    engine.register(
        "superseded",
        pa.table(
            {
                "file": pa.array([file for file, _ in superseded], pa.int32()),
                "row": pa.array([row for _, row in superseded], pa.int64()),
            }
        ),
    )
    paths = [layout.absolute(one.path) for one in segments]
    engine.run(questions.raw(paths, taken.first, taken.last))
    engine.forget("superseded")
    (found,) = engine.fetch(questions.reach()).to_pylist()
    if not found["n"]:
        return ARRIVED.empty_table(), False
    days = range(found["first"] // DAY, found["last"] // DAY + 1)
    if found["one_way"]:
        brief = len(days) == 1 and found["last"] - found["first"] <= conversations.GAP
        engine.run(conversations.one_way("observed", brief=brief))
    engine.run(questions.conversations(found["one_way"]))
    begins = {day * DAY for day in days}
    inside = {microseconds(at) for at in cuts}
    begins |= {cut for cut in inside if days[0] * DAY < cut <= found["last"]}
    engine.register("cuts", pa.table({"begin": pa.array(sorted(begins), pa.int64())}))
    engine.run(questions.summed())
    engine.forget("cuts")
    return conformed(engine.fetch(questions.FETCH), ARRIVED), bool(found["one_way"])
