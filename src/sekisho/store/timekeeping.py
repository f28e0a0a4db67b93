"""What was measured of the sensors' clocks, kept by day, and the days to which it means something new."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from sekisho.store import recording
from sekisho.store.base import ClockOffset, ClockPair
from sekisho.store.clocks import MEMORY, layers, offsets
from sekisho.store.manifest import transaction


def measured(connection: sqlite3.Connection, first: int, last: int) -> dict[int, list[ClockPair]]:
    """What was measured on each of the days from `first` to `last`, both included."""
    found: dict[int, list[ClockPair]] = {}
    for day, *rest in connection.execute(
        "SELECT day, a, b, apart, spread, pairs FROM clock_pair WHERE day BETWEEN ? AND ? ORDER BY day, a, b",
        (first, last),
    ):
        found.setdefault(day, []).append(ClockPair(*rest))
    return found


def keep(
    connection: sqlite3.Connection, day: int, clocks: Sequence[ClockOffset], pairs: Sequence[ClockPair]
) -> None:
    """Put a day's measurements, and the offsets it is built with, in the place of older ones. Within a
    transaction of the caller's."""
    connection.execute("DELETE FROM clock WHERE day = ?", (day,))
    connection.executemany(
        "INSERT INTO clock VALUES (?, ?, ?, ?, ?)",
        [(day, one.sensor, one.offset, one.spread, one.pairs) for one in clocks],
    )
    connection.execute("DELETE FROM clock_pair WHERE day = ?", (day,))
    connection.executemany(
        "INSERT INTO clock_pair VALUES (?, ?, ?, ?, ?, ?)",
        [(day, one.a, one.b, one.apart, one.spread, one.pairs) for one in pairs],
    )


def soil_outdated(connection: sqlite3.Connection) -> bool:
    """Mark the days to be rebuilt that were built with other offsets than all measurements now give, so
    that the order in which evidence came does not matter. Whether there are any.

    Days whose raw flows are gone stay as they are.
    """
    built: dict[int, list[ClockOffset]] = {}
    for day, *rest in connection.execute(
        "SELECT c.day, c.sensor, c.offset, c.spread, c.pairs FROM clock c JOIN day d ON d.day = c.day"
        " WHERE d.pruned IS NULL ORDER BY c.day, c.sensor"
    ):
        built.setdefault(day, []).append(ClockOffset(*rest))
    known = measured(connection, min(built, default=0) - MEMORY, max(built, default=0) + MEMORY)
    outdated = [
        day
        for day, clocks in built.items()
        if offsets([one.sensor for one in clocks], layers(known.get(day, ()), known, day)) != clocks
    ]
    with transaction(connection):
        recording.soil_days(connection, outdated)
    return bool(outdated)
