"""Raw flows that are given up after a time; what they came to stays in the roll-ups."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from sekisho.store.layout import Layout
from sekisho.store.manifest import reading, transaction
from sekisho.store.refresh import record_damage
from sekisho.store.snapshot import Damage, rollups
from sekisho.store.spool import DAY_MICROSECONDS
from sekisho.store.whole import Listed, check
from sekisho.store.writer import Steps


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was given up: days and rows of raw flows, `names`, `logons` and `events` of those days and of days
    without raw flows, bytes on disk of all. `held` are days that were to go and stay, with what holds them;
    `events_held` are events of days that go which stay, since something holds a day on which they, or others of
    their file, happened; `waiting` days whose roll-ups are not up to date, or not whole.
    """

    days: tuple[int, ...]
    rows: int
    names: int
    logons: int
    size: int
    held: tuple[tuple[int, tuple[str, ...]], ...]
    waiting: tuple[int, ...]
    events: int = 0
    events_held: int = 0


def hold(connection: sqlite3.Connection, name: str, days: Iterable[int], now: int) -> None:
    """Keep the raw flows of days, under a name, until it is released. Holding twice is holding once."""
    with transaction(connection):
        connection.executemany(
            "INSERT OR IGNORE INTO hold VALUES (?, ?, ?)", [(name, day, now) for day in days]
        )


def release(connection: sqlite3.Connection, name: str) -> None:
    """End what holds under a name; other names go on holding."""
    with transaction(connection):
        connection.execute("DELETE FROM hold WHERE name = ?", (name,))


def due(connection: sqlite3.Connection, before: int) -> Pruned:
    """What would be given up of the days before day `before`, were it done now."""
    with reading(connection):
        found = connection.execute(
            "SELECT s.day, sum(s.rows), sum(s.size), d.built IS NULL OR d.built < d.dirt"
            " OR s.day IN (SELECT day FROM base WHERE lost IS NOT NULL)"
            " FROM segment s JOIN day d ON d.day = s.day WHERE s.day < ? AND s.lost IS NULL"
            " GROUP BY s.day ORDER BY s.day",
            (before,),
        ).fetchall()
        holds: dict[int, list[str]] = {}
        for day, name in connection.execute("SELECT day, name FROM hold ORDER BY day, name"):
            holds.setdefault(day, []).append(name)
        named = _named(connection, before)
    going = [(day, rows, size) for day, rows, size, dirty in found if day not in holds and not dirty]
    staying = holds.keys() | {day for day, *_ in found} - {day for day, *_ in going}
    named = {day: figures for day, figures in named.items() if day not in staying}
    return Pruned(
        days=tuple(day for day, _, _ in going),
        rows=sum(rows for _, rows, _ in going),
        names=sum(one.names for one in named.values()),
        logons=sum(one.logons for one in named.values()),
        size=sum(size for _, _, size in going) + sum(one.size for one in named.values()),
        held=tuple((day, tuple(holds[day])) for day, *_ in found if day in holds),
        waiting=tuple(day for day, _, _, dirty in found if dirty and day not in holds),
        events=sum(one.events for one in named.values()),
        events_held=sum(one.held for one in named.values()),
    )


def prune(
    layout: Layout, connection: sqlite3.Connection, before: int, now: int, steps: Steps
) -> Pruned:
    """Give up the raw flows of the days before day `before`.

    The caller holds the locks of writers and rebuilders. Each day is one transaction; its files go when
    no reader can be reading them any more. The day's roll-up is kept as what later roll-ups add to: where
    it is not whole to the byte the day waits, to be rolled up anew. What is set aside stays named.
    """
    record_damage(connection, _broken(layout, connection, due(connection, before).days))
    asked = due(connection, before)
    gone: list[tuple[int, int, int]] = []
    for day in asked.days:
        with transaction(connection):
            # Somebody may have begun to hold it a moment ago.
            if connection.execute("SELECT 1 FROM hold WHERE day = ?", (day,)).fetchone() is None:
                gone.append((day, *_give_up(connection, day, now)))
            steps("pruning")
        steps("pruned")
    beside = _Beside()
    if _named(connection, before):
        with transaction(connection):
            beside = _give_up_names(connection, before, now)
            steps("pruning names")
        steps("pruned names")
    left = due(connection, before)
    return Pruned(
        days=tuple(day for day, _, _ in gone),
        rows=sum(rows for _, rows, _ in gone),
        names=beside.names,
        logons=beside.logons,
        size=sum(size for _, _, size in gone) + beside.size,
        held=left.held,
        waiting=left.waiting,
        events=beside.events,
        events_held=left.events_held,
    )


@dataclass(frozen=True, slots=True)
class _Beside:
    """Rows of what stands beside the flows, and bytes of it all."""

    names: int = 0
    logons: int = 0
    events: int = 0
    held: int = 0
    size: int = 0


_HELD = f"""EXISTS (SELECT 1 FROM hold h WHERE side_file.begin < (h.day + 1) * {DAY_MICROSECONDS}
    AND side_file.last >= h.day * {DAY_MICROSECONDS})"""
"""Whether something holds a day within the times at which a file's events happened."""
_FIGURES = f"""
    coalesce(sum(rows) FILTER (WHERE side = 'names'), 0),
    coalesce(sum(rows) FILTER (WHERE side = 'logons'), 0),
    coalesce(sum(rows) FILTER (WHERE side = 'events' AND NOT {_HELD}), 0),
    coalesce(sum(rows) FILTER (WHERE side = 'events' AND {_HELD}), 0),
    coalesce(sum(size) FILTER (WHERE NOT {_HELD}), 0)
"""


def _named(connection: sqlite3.Connection, before: int) -> dict[int, _Beside]:
    """What stands beside the flows of each day before day `before`."""
    found = connection.execute(
        f"SELECT day, {_FIGURES} FROM side_file WHERE day < ? AND lost IS NULL GROUP BY day", (before,)
    )
    return {day: _Beside(*figures) for day, *figures in found}


def _give_up_names(connection: sqlite3.Connection, before: int, now: int) -> _Beside:
    """What stands beside the flows of days that have no raw flows any more and that nothing holds, which
    count no longer. Within the caller's transaction."""
    going = (
        f"FROM side_file WHERE day < ? AND lost IS NULL AND NOT {_HELD}"
        " AND day NOT IN (SELECT day FROM hold)"
        " AND day NOT IN (SELECT day FROM segment WHERE lost IS NULL)"
    )
    gone = _Beside(*connection.execute(f"SELECT {_FIGURES} {going}", (before,)).fetchone())
    connection.execute(f"INSERT OR REPLACE INTO garbage SELECT path, ? {going}", (now, before))
    connection.execute(f"DELETE {going}", (before,))
    return gone


def _broken(layout: Layout, connection: sqlite3.Connection, days: Iterable[int]) -> list[Damage]:
    """The days' roll-ups that are not what was written: nothing else says what raw flows came to."""
    wanted = set(days)
    listed = [
        Listed(one.path, one.day, one.rows, one.size, one.sha256)
        for one in rollups(connection, min(wanted, default=0), max(wanted, default=0))
        if one.day in wanted
    ]
    return check(layout, listed, lambda _what, _done, _all: None)


def _give_up(connection: sqlite3.Connection, day: int, now: int) -> tuple[int, int]:
    """Rows and bytes of the day's raw flows, which count no longer. Within the caller's transaction."""
    asked = {"day": day, "now": now}
    rows, size = connection.execute(
        "SELECT sum(rows), sum(size) FROM segment WHERE day = :day AND lost IS NULL", asked
    ).fetchone()
    connection.execute(
        "INSERT OR REPLACE INTO garbage SELECT path, :now FROM segment"
        " WHERE day = :day AND lost IS NULL",
        asked,
    )
    connection.execute(
        "UPDATE day SET pruned = :now, pruned_rows = pruned_rows + :rows WHERE day = :day",
        asked | {"rows": rows},
    )
    connection.execute(
        "INSERT OR REPLACE INTO garbage SELECT path, :now FROM base"
        " WHERE day = :day AND path NOT IN (SELECT path FROM rollup)",
        asked,
    )
    connection.execute("DELETE FROM base WHERE day = :day", asked)
    connection.execute(
        "INSERT INTO base (day, path, size, sha256, rows)"
        " SELECT day, path, size, sha256, rows FROM rollup WHERE day = :day",
        asked,
    )
    connection.execute("DELETE FROM base_hour WHERE day = :day", asked)
    connection.execute("INSERT INTO base_hour SELECT * FROM hour WHERE day = :day", asked)
    connection.execute("DELETE FROM segment WHERE day = :day AND lost IS NULL", asked)
    return rows, size
