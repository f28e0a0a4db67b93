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
from sekisho.store.shapes import CONNECTIONS, conformed, record_table
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


COARSE = pa.schema(
    [
        ("piece", pa.int64()),
        ("day", pa.int64()),
        ("sensor", pa.string()),
        *CONNECTIONS,
        ("flows", pa.int64()),
        ("first", TIME),
        ("bytes_out", pa.int64()),
        ("bytes_in", pa.int64()),
        ("guessed", pa.bool_()),
        ("hours", pa.int32()),
    ]
)
"""Connections as records are oriented; `flows` counts records, both halves of what was logged one way.
`guessed`: some may have been opened from either end. `hours` are the UTC hours in which they began (bits)."""
ENDS = pa.schema([field for field in CONNECTIONS if field.name != "port"])
_OTHER = {
    f"{end}_{part}": f"{other}_{part}"
    for end, other in (("src", "dst"), ("dst", "src"))
    for part in ("realm", "hi", "lo")
}


@dataclass(frozen=True, slots=True)
class _Reach:
    """First and last start, microseconds; where the pieces of time begin."""

    first: int
    last: int
    one_way: bool
    pieces: tuple[int, ...]


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
    """Flows of some files. Use as a context manager; what the engine holds is freed at its end.

    `coarse` is cheap and of everything: COARSE, as the records are oriented. `table` (ARRIVED) is of
    conversations, put together from one-way records: of all of them, or once `confine` was called of some.
    """

    def __init__(
        self,
        engine: Engine,
        taken: Taken,
        damage: Sequence[Damage],
        reach: _Reach | None,
        coarse: pa.Table,
    ) -> None:
        self._engine = engine
        self._reach = reach
        self._table: pa.Table | None = None
        self.taken = taken
        self.coarse = coarse
        self.damage = tuple(damage)
        """Files of the lake that are not whole: what they hold is not in the tables."""

    @property
    def table(self) -> pa.Table:
        """ARRIVED."""
        if self._table is None:
            self._table = self._conversations(confined=False)
        return self._table

    def confine(self, pairs: pa.Table) -> None:
        """Let the other questions be about conversations between some ends: rows of ENDS, either way."""
        turned = pairs.rename_columns([_OTHER.get(name, name) for name in pairs.column_names])
        both = pa.concat_tables([conformed(pairs, ENDS), conformed(turned, ENDS)])
        self._engine.register("pairs", both.group_by(ENDS.names).aggregate([]))
        self._table = self._conversations(confined=True)
        self._engine.forget("pairs")

    def _conversations(self, *, confined: bool) -> pa.Table:
        found = self._reach
        if found is None:
            return ARRIVED.empty_table()
        self._engine.run(questions.observed(confined=confined))
        if found.one_way:
            brief = len(found.pieces) == 1 and found.last - found.first <= conversations.GAP
            self._engine.run(conversations.one_way("observed", brief=brief))
        self._engine.run(questions.conversations(found.one_way))
        return conformed(self._engine.fetch(questions.summed(found.pieces)), ARRIVED)

    def ports(self, connections: pa.Table) -> pa.Table:
        """Client ports of the one-way records of connections (keys): keys, sent, answered, clients.

        Lists of at most `queries.arrivals.PORTS`; `sent` and `answered` are of lone halves.
        """
        if self._reach is None or not self._reach.one_way or not connections.num_rows:
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
    until: int | None = None,
) -> Arrivals | None:
    """See `Lake.arrivals`."""
    with reading(connection):
        files = connection.execute(
            "SELECT id, rows, taken_at, path FROM file WHERE id > ?1 AND id <= coalesce(?2, id) ORDER BY id",
            (after, until),
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
        reach = _reach(layout, opened, good, superseded, taken, cuts)
        coarse = COARSE.empty_table()
        if reach is not None:
            coarse = conformed(opened.fetch(questions.coarse(reach.pieces)), COARSE)
        return Arrivals(opened, taken, damage, reach, coarse)
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


def _reach(
    layout: Layout,
    engine: Engine,
    segments: Sequence[snapshot.Segment],
    superseded: Sequence[tuple[int, int]],
    taken: Taken,
    cuts: Sequence[datetime],
) -> _Reach | None:
    """Make what was brought readable; None where nothing was."""
    if not segments:
        return None
    engine.register(
        "superseded",
        record_table(superseded),
    )
    paths = [layout.absolute(one.path) for one in segments]
    engine.run(questions.raw(paths, taken.first, taken.last, superseded=bool(superseded)))
    (found,) = engine.fetch(questions.REACH).to_pylist()
    if not found["n"]:
        return None
    days = range(found["first"] // DAY, found["last"] // DAY + 1)
    begins = {day * DAY for day in days}
    inside = {microseconds(at) for at in cuts}
    begins |= {cut for cut in inside if days[0] * DAY < cut <= found["last"]}
    pieces = tuple(sorted(begins))
    engine.register("cuts", pa.table({"begin": pa.array(pieces, pa.int64())}))
    return _Reach(found["first"], found["last"], bool(found["one_way"]), pieces)
