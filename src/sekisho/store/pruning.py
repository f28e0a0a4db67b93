"""Raw flows that are given up after a time; what they came to stays in the roll-ups."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from sekisho.store.manifest import reading, transaction
from sekisho.store.writer import Steps


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was given up: days, rows, bytes on disk. `held` are days that were to go and stay, with what
    holds them; `waiting` days whose roll-ups are not up to date.
    """

    days: tuple[int, ...]
    rows: int
    size: int
    held: tuple[tuple[int, tuple[str, ...]], ...]
    waiting: tuple[int, ...]


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
            " FROM segment s JOIN day d ON d.day = s.day WHERE s.day < ? GROUP BY s.day ORDER BY s.day",
            (before,),
        ).fetchall()
        holds: dict[int, list[str]] = {}
        for day, name in connection.execute("SELECT day, name FROM hold ORDER BY day, name"):
            holds.setdefault(day, []).append(name)
    going = [(day, rows, size) for day, rows, size, dirty in found if day not in holds and not dirty]
    return Pruned(
        days=tuple(day for day, _, _ in going),
        rows=sum(rows for _, rows, _ in going),
        size=sum(size for _, _, size in going),
        held=tuple((day, tuple(holds[day])) for day, *_ in found if day in holds),
        waiting=tuple(day for day, _, _, dirty in found if dirty and day not in holds),
    )


def prune(connection: sqlite3.Connection, before: int, now: int, steps: Steps) -> Pruned:
    """Give up the raw flows of the days before day `before`.

    The caller holds the locks of writers and rebuilders. Each day is one transaction; its files go when
    no reader can be reading them any more. The day's roll-up is kept as what later roll-ups add to.
    """
    found = due(connection, before)
    for day in found.days:
        with transaction(connection):
            connection.execute(
                "INSERT OR REPLACE INTO garbage SELECT path, ? FROM segment WHERE day = ?", (now, day)
            )
            connection.execute(
                "UPDATE day SET pruned = :now, pruned_rows = pruned_rows"
                " + (SELECT sum(rows) FROM segment WHERE day = :day) WHERE day = :day",
                {"now": now, "day": day},
            )
            connection.execute(
                "INSERT OR REPLACE INTO garbage SELECT path, ? FROM base"
                " WHERE day = ? AND path NOT IN (SELECT path FROM rollup)",
                (now, day),
            )
            connection.execute("DELETE FROM base WHERE day = ?", (day,))
            connection.execute(
                "INSERT INTO base SELECT day, path, size, sha256, rows FROM rollup"
                " WHERE day = ? AND lost IS NULL",
                (day,),
            )
            connection.execute("DELETE FROM base_hour WHERE day = ?", (day,))
            connection.execute("INSERT INTO base_hour SELECT * FROM hour WHERE day = ?", (day,))
            connection.execute("DELETE FROM segment WHERE day = ?", (day,))
            steps("pruning")
        steps("pruned")
    return found
