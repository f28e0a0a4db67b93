"""What counts at one moment, read from the manifest; files that are not whole are left out and named."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sekisho.store.base import AddressRange, ClockOffset, SensorTraits, Translated
from sekisho.store.layout import Layout
from sekisho.store.manifest import reading
from sekisho.store.recording import REACH_DAYS

ALWAYS = -(1 << 40), 1 << 40
"""The first and the last day of all, as numbers since 1970."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One Parquet file of raw flows of one UTC day."""

    id: int
    day: int
    path: str
    size: int
    sha256: str
    rows: int
    last_end: int
    flags: int
    sensors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rollup:
    """One Parquet file of connection-days of one UTC day."""

    id: int
    day: int
    path: str
    size: int
    sha256: str
    rows: int


File = TypeVar("File", Segment, Rollup)


@dataclass(frozen=True, slots=True)
class Month:
    """One Parquet file of connection-months; `month` is the number of its first day, `days` are those
    that it sums up."""

    month: int
    path: str
    size: int
    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Translating:
    """One file of names of a UTC day that tells of translations, of connections that lasted `until`
    (microseconds) at most."""

    day: int
    path: str
    size: int
    until: int


@dataclass(frozen=True, slots=True)
class Listed:
    """What the manifest lists for a window of days; `segments` reach further, for what crosses midnight.

    `exclusions` are (file, row, day or None), `clocks` are (day, offset), `pruned` are days whose raw
    flows are gone, `translating` are files of names that tell what gateways translated.
    """

    rollups: Sequence[Rollup]
    months: Sequence[Month]
    segments: Sequence[Segment]
    exclusions: Sequence[tuple[int, int, int | None]]
    traits: Mapping[str, SensorTraits]
    clocks: Sequence[tuple[int, ClockOffset]]
    pruned: frozenset[int]
    translating: Sequence[Translating] = ()


@dataclass(frozen=True, slots=True)
class Damage:
    """A file of the lake that is not what was written; it is set aside and the rest still answers."""

    path: str
    day: int | None
    rows: int
    reason: str


def segments(connection: sqlite3.Connection, first: int, last: int) -> list[Segment]:
    """Segments of the days from `first` to `last`, both included, that are not set aside."""
    rows = connection.execute(
        "SELECT s.id, s.day, s.path, s.size, s.sha256, s.rows, s.last_end, s.flags,"
        " group_concat(ss.sensor, char(31))"
        " FROM segment s JOIN segment_sensor ss ON ss.segment = s.id"
        " WHERE s.day BETWEEN ? AND ? AND s.lost IS NULL GROUP BY s.id ORDER BY s.day, s.id",
        (first, last),
    ).fetchall()
    return [_segment(row) for row in rows]


def segments_of(connection: sqlite3.Connection, numbers: Iterable[int]) -> list[Segment]:
    """The segments of these numbers that are not set aside."""
    rows = connection.execute(
        "SELECT s.id, s.day, s.path, s.size, s.sha256, s.rows, s.last_end, s.flags,"
        " group_concat(ss.sensor, char(31))"
        " FROM segment s JOIN segment_sensor ss ON ss.segment = s.id"
        " WHERE s.id IN (SELECT value FROM json_each(?)) AND s.lost IS NULL"
        " GROUP BY s.id ORDER BY s.day, s.id",
        (json.dumps(list(numbers)),),
    ).fetchall()
    return [_segment(row) for row in rows]


def _segment(row: tuple[int, int, str, int, str, int, int, int, str]) -> Segment:
    return Segment(*row[:8], tuple(row[8].split(chr(31))))


def rollups(connection: sqlite3.Connection, first: int, last: int) -> list[Rollup]:
    """Roll-ups of the days from `first` to `last`, both included."""
    rows = connection.execute(
        "SELECT id, day, path, size, sha256, rows FROM rollup"
        " WHERE day BETWEEN ? AND ? AND lost IS NULL ORDER BY day, id",
        (first, last),
    ).fetchall()
    return [Rollup(*row) for row in rows]


def months(connection: sqlite3.Connection, first: int, last: int) -> list[Month]:
    """Months whose days all lie between `first` and `last`, both included, and are as they were summed
    up: none where a day was built anew since."""
    rows = connection.execute(
        "SELECT m.month, m.path, m.size, group_concat(d.day, ' ')"
        " FROM month m JOIN month_day d ON d.month = m.month"
        " LEFT JOIN rollup r ON r.path = d.rollup AND r.lost IS NULL GROUP BY m.month"
        " HAVING min(d.day) >= ? AND max(d.day) <= ? AND count(r.id) = count(*) ORDER BY m.month",
        (first, last),
    ).fetchall()
    return [Month(a, b, c, tuple(sorted(map(int, days.split())))) for a, b, c, days in rows]


def listed(connection: sqlite3.Connection, first: int, last: int) -> Listed:
    """What the manifest lists for the days from `first` to `last`, both included."""
    clocks = connection.execute("SELECT day, sensor, offset, spread, pairs FROM clock").fetchall()
    return Listed(
        rollups(connection, first, last),
        months(connection, first, last),
        segments(connection, first - REACH_DAYS, last + 2),
        connection.execute("SELECT file, row, day FROM exclusion").fetchall(),
        traits(connection),
        [(day, ClockOffset(*rest)) for day, *rest in clocks],
        frozenset(day for (day,) in connection.execute("SELECT day FROM day WHERE pruned IS NOT NULL")),
        translating(connection, first, last),
    )


def translating(connection: sqlite3.Connection, first: int, last: int) -> list[Translating]:
    """Files that may tell of flows of the days from `first` to `last`, both included, and are not set aside."""
    rows = connection.execute(
        "SELECT day, path, size, until FROM side_file WHERE side = 'names' AND lost IS NULL"
        " AND day BETWEEN ? AND ? AND until / 86400000000 >= ? ORDER BY day, id",
        (first - REACH_DAYS, last + 1, first - 1),
    ).fetchall()
    return [Translating(*row) for row in rows]


def traits(connection: sqlite3.Connection) -> dict[str, SensorTraits]:
    """The traits that the roll-ups are built with."""
    found = {}
    for sensor, body in connection.execute("SELECT sensor, body FROM traits"):
        document = json.loads(body)
        home = tuple(AddressRange(**one) for one in document["home"])
        seen = tuple(Translated(**one) for one in document.get("translated", ()))
        found[sensor] = SensorTraits(document["site"], home, seen)
    return found


def dirty_days(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    """(day, dirt) of the days whose roll-ups are not of all that counts."""
    return connection.execute(
        "SELECT day, dirt FROM day WHERE built IS NULL OR built < dirt ORDER BY day"
    ).fetchall()


def exclusions(connection: sqlite3.Connection, days: Iterable[int]) -> list[tuple[int, int]]:
    """(file, row) of rows of these days that are superseded by a grown file."""
    wanted = set(days)
    rows = connection.execute("SELECT file, row, day FROM exclusion").fetchall()
    return [(file, row) for file, row, day in rows if day is None or day in wanted]


@dataclass(frozen=True, slots=True)
class Raw:
    """Raw flows of a window of days: files that are whole, `excluded` (file, row) in them, and the days whose
    raw flows are `pruned`."""

    segments: Sequence[Segment]
    excluded: list[tuple[int, int]]
    pruned: tuple[int, ...]


def raw(connection: sqlite3.Connection, layout: Layout, first: int, last: int) -> Raw:
    """What raw flows there are of days `first` to `last`."""
    with reading(connection):
        listed = segments(connection, first, last)
        out = exclusions(connection, {one.day for one in listed})
        gone = connection.execute(
            "SELECT day FROM day WHERE pruned IS NOT NULL AND day BETWEEN ? AND ? ORDER BY day",
            (first, last),
        ).fetchall()
    good, _ = whole(layout, listed)
    return Raw(good, out, tuple(day for (day,) in gone))


def whole(layout: Layout, found: Sequence[File]) -> tuple[list[File], list[Damage]]:
    """Those whose file has its size, and what is wrong with the others."""
    good, bad = [], []
    for one in found:
        reason = wrong_size(layout, one.path, one.size)
        if reason is None:
            good.append(one)
        else:
            bad.append(Damage(one.path, one.day, one.rows, reason))
    return good, bad


def wrong_size(layout: Layout, path: str, size: int) -> str | None:
    """Why a file cannot be whole, by its size alone."""
    try:
        actual = layout.absolute(path).stat().st_size
    except FileNotFoundError:
        return "missing"
    except OSError as error:
        return f"unreadable: {error.strerror}"
    return None if actual == size else f"{actual} bytes instead of {size}"
