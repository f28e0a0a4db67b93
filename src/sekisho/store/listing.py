"""What the manifest lists, as tables and figures."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from sekisho.model.flows import TIME
from sekisho.store import clocks
from sekisho.store.base import ClockOffset, ClockPair
from sekisho.store.engines.base import Engine
from sekisho.store.layout import Layout
from sekisho.store.manifest import reading
from sekisho.store.queries import sources
from sekisho.store.snapshot import Damage, wrong_size
from sekisho.store.spool import DAY_MICROSECONDS

HOURS = pa.schema(
    [
        ("sensor", pa.string()),
        ("hour", TIME),
        ("flows", pa.int64()),
        ("first", TIME),
        ("last", TIME),
    ]
)
SPANS = pa.schema([("sensor", pa.string()), ("begin", TIME), ("end", TIME)])
LOSSES = pa.schema(
    [
        ("sensor", pa.string()),
        ("hour", TIME),
        ("received", pa.int64()),
        ("lost", pa.int64()),
        ("dropped", pa.int64()),
    ]
)
FILES = pa.schema(
    [
        ("file", pa.int32()),
        ("sensor", pa.string()),
        ("path", pa.string()),
        ("reader", pa.string()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("rows", pa.int64()),
        ("rejected", pa.int64()),
        ("ignored", pa.int64()),
        ("raw_sha256", pa.string()),
        ("raw_size", pa.int64()),
        ("content_sha256", pa.string()),
        ("content_size", pa.int64()),
        ("previous", pa.int32()),
        ("taken_at", TIME),
        ("names", pa.int64()),
    ]
)
"""`names` is how many names, hashes and fingerprints the file gave."""
LOST_DAYS = pa.schema([("sensor", pa.string()), ("day", TIME)])
REJECTS = pa.schema(
    [
        ("path", pa.string()),
        ("sensor", pa.string()),
        ("row", pa.int64()),
        ("reason", pa.string()),
        ("text", pa.binary()),
    ]
)


@dataclass(frozen=True, slots=True)
class Stats:
    """Figures of a lake; bytes on disk. `flows`, `days`, `first` and `last` are of raw flows, both days
    included, UTC; `pruned` is how many raw flows were given up."""

    files: int
    set_aside: int
    flows: int
    rejected: int
    days: int
    first: datetime | None
    last: datetime | None
    connection_days: int
    raw_bytes: int
    rollup_bytes: int
    lost: int
    pruned: int
    connection_months: int
    names: int
    name_bytes: int
    logons: int
    logon_bytes: int
    events: int
    event_bytes: int


_NOTHING = (0, 0)


def _table(schema: pa.Schema, rows: list[tuple[object, ...]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    arrays = []
    for values, wanted in zip(columns, schema, strict=True):
        if wanted.type == TIME:
            arrays.append(pa.array(values, pa.int64()).cast(pa.timestamp("us")).cast(TIME))
        else:
            arrays.append(pa.array(values, wanted.type))
    return pa.table(arrays, schema=schema)


def hours(connection: sqlite3.Connection) -> pa.Table:
    """Records per sensor and hour."""
    rows = connection.execute("SELECT sensor, hour, flows, first, last FROM hour ORDER BY sensor, hour")
    return _table(HOURS, rows.fetchall())


def spans(connection: sqlite3.Connection) -> pa.Table:
    """Times in which files show their sensor alive."""
    rows = connection.execute('SELECT sensor, begin, "end" FROM span ORDER BY sensor, begin')
    return _table(SPANS, rows.fetchall())


def losses(connection: sqlite3.Connection) -> pa.Table:
    """What was lost on the way, per sensor and hour. What came late is no loss of the hour it came in,
    which may have had none."""
    rows = connection.execute(
        "SELECT sensor, hour, sum(received), max(sum(lost), 0), sum(dropped) FROM loss"
        " GROUP BY sensor, hour ORDER BY sensor, hour"
    )
    return _table(LOSSES, rows.fetchall())


def offsets(connection: sqlite3.Connection) -> dict[str, float]:
    """Seconds each sensor's clock is ahead: of what the days measured between two the one in the middle,
    each day weighing as much as it had flows to compare."""
    return {one.sensor: one.offset / 1_000_000 for one in clocks_of(connection, None, None)}


def clocks_of(connection: sqlite3.Connection, first: int | None, last: int | None) -> list[ClockOffset]:
    """Each sensor's clock as the days from `first` to `last` (numbers; None: without end) measured it, as in
    `offsets`. What they do not join, all days do. `spread` is the greatest of any two sensors."""
    everything = _between(connection, None, None)
    own = _between(connection, first, last) if (first, last) != (None, None) else everything
    sensors = [name for (name,) in connection.execute("SELECT DISTINCT sensor FROM clock")]
    return clocks.offsets(sensors, [own, everything])


def _between(connection: sqlite3.Connection, first: int | None, last: int | None) -> list[ClockPair]:
    measured: dict[tuple[str, str], list[tuple[int, int, int]]] = {}
    for a, b, *rest in connection.execute(
        "SELECT a, b, apart, spread, pairs FROM clock_pair"
        " WHERE (?1 IS NULL OR day >= ?1) AND (?2 IS NULL OR day <= ?2)",
        (first, last),
    ):
        measured.setdefault((a, b), []).append((rest[0], rest[1], rest[2]))
    return [
        ClockPair(
            a,
            b,
            _middle([(apart, pairs) for apart, _, pairs in rows]),
            max(spread for _, spread, _ in rows),
            sum(pairs for _, _, pairs in rows),
        )
        for (a, b), rows in measured.items()
    ]


def _middle(rows: list[tuple[int, int]]) -> int:
    half = sum(pairs for _, pairs in rows) / 2
    seen = 0
    for offset, pairs in sorted(rows):
        seen += pairs
        if seen >= half:
            return offset
    return 0


def files(connection: sqlite3.Connection) -> pa.Table:
    """Files taken and set aside."""
    return _table(
        FILES,
        connection.execute(
            "SELECT id, sensor, path, reader, status, reason, rows, rejected, ignored, raw_sha256,"
            " raw_size, content_sha256, content_size, previous, taken_at,"
            " coalesce((SELECT n.rows FROM file_side n WHERE n.file = file.id AND n.side = 'names'), 0)"
            " FROM file ORDER BY id"
        ).fetchall(),
    )


def rejects(
    layout: Layout, connection: sqlite3.Connection, engine: Engine, limit: int, file: int | None
) -> pa.Table:
    """Rejected lines in the order of files and rows."""
    with reading(connection):
        listed = connection.execute("SELECT path, size FROM reject_file WHERE lost IS NULL").fetchall()
        known = connection.execute("SELECT id, path, sensor FROM file").fetchall()
    paths = [layout.absolute(path) for path, size in listed if wrong_size(layout, path, size) is None]
    if not paths:
        return REJECTS.empty_table()
    names = pa.table(
        {
            "file": pa.array([row[0] for row in known], pa.int32()),
            "path": pa.array([row[1] for row in known], pa.string()),
            "sensor": pa.array([row[2] for row in known], pa.string()),
        }
    )
    engine.register("files", names)
    found = engine.fetch(
        f"SELECT f.path, f.sensor, r.row, r.reason, r.text FROM {sources.parquet(paths)} r"
        " JOIN files f ON f.file = r.file WHERE $2 IS NULL OR r.file = $2::INTEGER"
        " ORDER BY r.file, r.row LIMIT $1",
        [limit, file],
    )
    return found.cast(REJECTS)


def lost(connection: sqlite3.Connection) -> list[Damage]:
    """Files that were found not to be whole."""
    rows = connection.execute(
        "SELECT path, day, rows, lost FROM segment WHERE lost IS NOT NULL"
        " UNION ALL SELECT path, NULL, rows, lost FROM reject_file WHERE lost IS NOT NULL"
        " UNION ALL SELECT path, NULL, rows, lost FROM side_file WHERE lost IS NOT NULL"
        " UNION ALL SELECT path, day, rows, lost FROM base WHERE lost IS NOT NULL ORDER BY 1"
    )
    return [Damage(*row) for row in rows]


def lost_days(connection: sqlite3.Connection, damaged: Iterable[str]) -> pa.Table:
    """(sensor, day) of raw flows in files of the lake that are not whole; `damaged` are their paths."""
    paths = list(damaged)
    rows = connection.execute(
        "SELECT DISTINCT ss.sensor, s.day FROM segment s JOIN segment_sensor ss ON ss.segment = s.id"
        f" WHERE s.path IN ({', '.join('?' * len(paths))}) ORDER BY 1, 2",
        paths,
    ).fetchall()
    return _table(LOST_DAYS, [(sensor, day * DAY_MICROSECONDS) for sensor, day in rows])


def misfits(connection: sqlite3.Connection, layout: Layout) -> list[Damage]:
    """Files that count and do not have the size that was written."""
    listed = connection.execute(
        "SELECT path, day, rows, size FROM segment WHERE lost IS NULL"
        " UNION ALL SELECT path, NULL, rows, size FROM side_file WHERE lost IS NULL"
        " UNION ALL SELECT path, day, rows, size FROM base WHERE lost IS NULL ORDER BY 1"
    )
    return [
        Damage(path, day, rows, reason)
        for path, day, rows, size in listed
        if (reason := wrong_size(layout, path, size))
    ]


def stats(connection: sqlite3.Connection) -> Stats:
    """Figures of the lake."""
    with reading(connection):
        taken, aside, rejected = connection.execute(
            "SELECT count(*) FILTER (WHERE status = 'taken'), count(*) FILTER (WHERE status = 'set_aside'),"
            " coalesce(sum(rejected) FILTER (WHERE status = 'taken'), 0) FROM file"
        ).fetchone()
        flows, raw_bytes, first, last, days = connection.execute(
            "SELECT coalesce(sum(rows), 0), coalesce(sum(size), 0), min(day), max(day),"
            " count(DISTINCT day) FROM segment WHERE lost IS NULL"
        ).fetchone()
        superseded = connection.execute(
            "SELECT count(*) FROM exclusion e WHERE EXISTS (SELECT 1 FROM segment_file f"
            " JOIN segment s ON s.id = f.segment WHERE f.file = e.file AND s.day = e.day AND s.lost IS NULL)"
        ).fetchone()
        rows, rollup_bytes = connection.execute(
            "SELECT coalesce(sum(rows), 0), coalesce(sum(size), 0) FROM rollup"
        ).fetchone()
        months, month_bytes = connection.execute(
            "SELECT coalesce(sum(rows), 0), coalesce(sum(size), 0) FROM month"
        ).fetchone()
        beside = {
            side: (rows, size)
            for side, rows, size in connection.execute(
                "SELECT side, sum(rows), sum(size) FROM side_file WHERE lost IS NULL GROUP BY side"
            )
        }
        pruned = connection.execute("SELECT coalesce(sum(pruned_rows), 0) FROM day").fetchone()[0]
    return Stats(
        files=taken,
        set_aside=aside,
        flows=flows - superseded[0],
        rejected=rejected,
        days=days,
        first=_day(first),
        last=_day(last),
        connection_days=rows,
        raw_bytes=raw_bytes,
        rollup_bytes=rollup_bytes + month_bytes,
        lost=len(lost(connection)),
        pruned=pruned,
        connection_months=months,
        names=beside.get("names", _NOTHING)[0],
        name_bytes=beside.get("names", _NOTHING)[1],
        logons=beside.get("logons", _NOTHING)[0],
        logon_bytes=beside.get("logons", _NOTHING)[1],
        events=beside.get("events", _NOTHING)[0],
        event_bytes=beside.get("events", _NOTHING)[1],
    )


def _day(day: int | None) -> datetime | None:
    if day is None:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=day * DAY_MICROSECONDS)
