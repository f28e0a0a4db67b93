"""What came into the lake after some file: read once, summed up in the engine, asked a few questions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from sekisho.model.flows import TIME
from sekisho.store import amending, logged_translations, snapshot
from sekisho.store.base import SensorTraits, microseconds
from sekisho.store.engines.base import Engine
from sekisho.store.layout import Layout
from sekisho.store.manifest import reading
from sekisho.store.queries import arrivals as questions
from sekisho.store.queries import conversations, translating
from sekisho.store.queries.columns import DAY
from sekisho.store.shapes import CONNECTIONS, conformed, record_table
from sekisho.store.snapshot import Damage
from sekisho.store.translations import translations

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
_KEPT = ("src_realm", "dst_realm", "protocol")
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
    moved: bool = False


@dataclass(frozen=True, slots=True)
class _Seen:
    """What stands for others in these files' records: by the sensors' traits, and where gateways log it."""

    entries: pa.Table
    names: tuple[Path, ...]


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
    Both have the ends that are meant where records bear translated ones, as roll-ups have. What these files
    log of translations may say whose earlier records are: those are among both too, and `taken_back` (ARRIVED)
    has them as they were before, `became` (BECAME) says which connection became which.
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
        self.stood = logged_translations.LOGGED_ENDS.empty_table()
        """LOGGED_ENDS: what gateways log of the time of these files' records, and with them."""
        self.taken_back = ARRIVED.empty_table()
        self.became = BECAME.empty_table()
        if reach is not None and reach.moved:
            self.became = conformed(engine.fetch(translating.BECAME), BECAME)
            self.taken_back = self._summed(f"({translating.moved('before')})", reach)
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
        return self._summed("brought", found, confined=confined)

    def _summed(self, source: str, found: _Reach, *, confined: bool = False) -> pa.Table:
        self._engine.run(questions.observed(source, confined=confined))
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
BECAME = pa.schema(
    [
        *CONNECTIONS,
        *(
            CONNECTIONS.field(name).with_name(f"own_{name}")
            for name in CONNECTIONS.names
            if name not in _KEPT
        ),
    ]
)
"""A connection as it was judged before, and the ends and the port of what it is; realms and protocol stay."""
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
    traits: Mapping[str, SensorTraits] | None = None,
    day: int | None = None,
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
                "SELECT DISTINCT f.segment FROM segment_file f JOIN segment s ON s.id = f.segment"
                " WHERE f.file BETWEEN ?1 AND ?2 AND s.day = coalesce(?3, s.day)",
                (first, last, day),
            )
        ]
        listed = snapshot.segments_of(connection, numbers)
        superseded = connection.execute(
            "SELECT file, row FROM exclusion WHERE file BETWEEN ?1 AND ?2 AND coalesce(day = ?3, TRUE)",
            (first, last, day),
        ).fetchall()
        days = [one.day for one in listed] or [0]
        names = snapshot.translating(connection, min(days), max(days)) if listed else []
        if names:
            superseded = connection.execute("SELECT file, row FROM exclusion").fetchall()
        entries = translations(snapshot.traits(connection) if traits is None else traits)
    good, damage = snapshot.whole(layout, listed)
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
        seen = _Seen(entries, logged_translations.paths(layout, names, min(days), max(days)))
        moved, stood = False, None
        if good:
            moved, stood = _bring(layout, connection, opened, good, superseded, taken, seen)
        reach = _reach(opened, cuts, moved=moved) if good else None
        coarse = COARSE.empty_table()
        if reach is not None:
            coarse = conformed(opened.fetch(questions.coarse(reach.pieces)), COARSE)
        found = Arrivals(opened, taken, damage, reach, coarse)
        if stood is not None:
            found.stood = stood
        return found
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


def _bring(
    layout: Layout,
    connection: sqlite3.Connection,
    engine: Engine,
    segments: Sequence[snapshot.Segment],
    superseded: Sequence[tuple[int, int]],
    taken: Taken,
    seen: _Seen,
) -> tuple[bool, pa.Table | None]:
    """Make what was brought readable as `brought`; whether there are earlier rows among it, and LOGGED_ENDS of
    what gateways log."""
    engine.register("superseded", record_table(superseded))
    paths = [layout.absolute(one.path) for one in segments]
    turned = seen.entries.num_rows > 0 or bool(seen.names)
    source = "as_logged" if turned else "brought"
    raw = questions.raw(source, paths, taken.first, taken.last, superseded=bool(superseded))
    engine.run(raw)
    if not turned:
        return False, None
    (found,) = engine.fetch(questions.reach(source)).to_pylist()
    span = found["first"] or 0, found["last"] or 0
    # What was logged by files that come later is told with them.
    told = logged_translations.logged(engine, seen.names, span=span, between=(0, taken.last))
    engine.register("translations", seen.entries)
    logged_translations.resolve(engine, source, told)
    engine.run(translating.untranslated("brought", source, kept=True))
    fresh = logged_translations.logged(engine, seen.names, between=(taken.first, taken.last))
    logs = [logged_translations.distinct(one) for one in (told, fresh) if one is not None]
    stood = pa.concat_tables(logs).group_by(logs[0].column_names).aggregate([]) if logs else None
    if fresh is None or not amending.amend(engine, layout, connection, taken.first, fresh):
        return False, stood
    engine.run(f"INSERT INTO brought BY NAME {translating.moved('own')}")
    return True, stood


def _reach(engine: Engine, cuts: Sequence[datetime], *, moved: bool) -> _Reach | None:
    """The times of what was brought; None where nothing was."""
    (found,) = engine.fetch(questions.reach("brought")).to_pylist()
    if not found["n"]:
        return None
    days = range(found["first"] // DAY, found["last"] // DAY + 1)
    begins = {day * DAY for day in days}
    inside = {microseconds(at) for at in cuts}
    begins |= {cut for cut in inside if days[0] * DAY < cut <= found["last"]}
    pieces = tuple(sorted(begins))
    engine.register("cuts", pa.table({"begin": pa.array(pieces, pa.int64())}))
    return _Reach(found["first"], found["last"], bool(found["one_way"]), pieces, moved)
