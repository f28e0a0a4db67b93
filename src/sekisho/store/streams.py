"""What a collector's commit tells the manifest beside flows: who was alive, what was lost, where the
exporters' streams stand. The caller holds the transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

ADJACENT = 3_600_000_000
"""Microseconds: after a longer silence nothing shows that the sensor was alive, and a new span begins."""


@dataclass(frozen=True, slots=True)
class StreamKey:
    """An exporter (its address), the version of its format and its observation domain."""

    exporter: str
    version: int
    domain: int


@dataclass(frozen=True, slots=True)
class HourLoss:
    """What one exporter's sequence numbers say of an hour (microseconds) of arrival.

    All are differences to what was said before; `lost` falls where something came late after all.
    `sensor` and `exporter` are empty for what the receiver's queue `dropped`: nobody knows whose it was.
    """

    hour: int
    sensor: str
    exporter: str
    received: int = 0
    lost: int = 0
    dropped: int = 0
    late: int = 0
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class Gap:
    """What a sensor recorded from `begin` to `end` (microseconds) and what did not come here. The same
    `id` again stands in the place of what was said before."""

    sensor: str
    id: str
    begin: int
    end: int
    why: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A set of records whose template has not come: `row` of `file`, and what its message said."""

    key: StreamKey
    template: int
    file: int
    row: int
    export: int
    uptime: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Streams:
    """Where the exporters' streams stood when the last commit counted.

    `bodies` are texts of the collector's own; `waiting` is in the order in which it came. `origins` are
    number, path, hash and size of the files that it came in.
    """

    bodies: Mapping[StreamKey, str]
    waiting: Sequence[Kept]
    origins: Sequence[tuple[int, str, str, int]] = ()


@dataclass(frozen=True, slots=True)
class Collected:
    """The news of one commit. `alive` are (begin, end) in microseconds by sensor.

    `bodies` are those that changed. What waited for the templates (key, id) in `settled` waits no more;
    `waiting` is added after that.
    """

    alive: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)
    losses: Sequence[HourLoss] = ()
    bodies: Mapping[StreamKey, str] = field(default_factory=dict)
    settled: Sequence[tuple[StreamKey, int]] = ()
    waiting: Sequence[Kept] = ()
    gone: Sequence[StreamKey] = ()
    """Streams that are not kept any longer, nor what waits in them."""
    file: int | None = None
    """The file that new spans are listed under."""
    gaps: Sequence[Gap] = ()


def record(connection: sqlite3.Connection, news: Collected) -> None:
    """Write the news down."""
    for sensor, spans in news.alive.items():
        for begin, end in spans:
            _extend(connection, news.file, sensor, begin, end)
    connection.executemany(
        "INSERT INTO loss VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " received = received + excluded.received, lost = lost + excluded.lost,"
        " dropped = dropped + excluded.dropped, late = late + excluded.late,"
        " restarts = restarts + excluded.restarts",
        [
            (o.hour, o.sensor, o.exporter, o.received, o.lost, o.dropped, o.late, o.restarts)
            for o in news.losses
        ],
    )
    for table in ("stream", "waiting"):
        connection.executemany(
            f"DELETE FROM {table} WHERE exporter = ? AND version = ? AND domain = ?",
            [_columns(key) for key in news.gone],
        )
    connection.executemany(
        "INSERT OR REPLACE INTO gap VALUES (?, ?, ?, ?, ?)",
        [(one.sensor, one.id, one.begin, one.end, one.why) for one in news.gaps],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO stream VALUES (?, ?, ?, ?)",
        [(*_columns(key), body) for key, body in news.bodies.items()],
    )
    connection.executemany(
        "DELETE FROM waiting WHERE exporter = ? AND version = ? AND domain = ? AND template = ?",
        [(*_columns(key), template) for key, template in news.settled],
    )
    connection.executemany(
        "INSERT INTO waiting (exporter, version, domain, template, file, row, export, uptime, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (*_columns(k.key), k.template, k.file, k.row, k.export, k.uptime, k.body)
            for k in news.waiting
        ],
    )


def read(connection: sqlite3.Connection) -> Streams:
    """Where the streams stand."""
    bodies = connection.execute("SELECT exporter, version, domain, body FROM stream")
    waiting = connection.execute(
        "SELECT exporter, version, domain, template, file, row, export, uptime, body FROM waiting"
        " ORDER BY id"
    )
    return Streams(
        {StreamKey(*key): body for *key, body in bodies},
        [Kept(StreamKey(*row[:3]), *row[3:]) for row in waiting],
        connection.execute(
            "SELECT id, path, content_sha256, content_size FROM file"
            " WHERE id IN (SELECT file FROM waiting) ORDER BY id"
        ).fetchall(),
    )


def gaps(connection: sqlite3.Connection) -> list[Gap]:
    """What is known not to have come, by sensor and time."""
    rows = connection.execute(
        'SELECT sensor, id, begin, "end", why FROM gap ORDER BY sensor, begin, id'
    )
    return [Gap(*row) for row in rows]


def _columns(key: StreamKey) -> tuple[str, int, int]:
    return key.exporter, key.version, key.domain


def _extend(
    connection: sqlite3.Connection, file: int | None, sensor: str, begin: int, end: int
) -> None:
    """One span where the last one reaches, or nearly: a row for each second would be no use."""
    found = connection.execute(
        'SELECT rowid, "end" FROM span WHERE sensor = ? AND begin <= ? ORDER BY begin DESC LIMIT 1',
        (sensor, begin),
    ).fetchone()
    if found is not None and begin - found[1] <= ADJACENT:
        connection.execute('UPDATE span SET "end" = max("end", ?) WHERE rowid = ?', (end, found[0]))
    else:
        connection.execute("INSERT INTO span VALUES (?, ?, ?, ?)", (file, sensor, begin, end))
