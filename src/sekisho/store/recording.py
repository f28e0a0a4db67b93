"""What a writer asks of the manifest and tells it; the caller holds the transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sekisho.model.flows import Flag
from sekisho.store.side_spool import StagedSide
from sekisho.store.spool import DAY_MICROSECONDS, StagedSegment

SEVERAL = ""
"""Stands where a file's one sensor would: its rows are of several, and say themselves of which."""
REACH_DAYS = 7
"""A flow is looked for on at most so many days after the one it began on."""


class Identity(Protocol):
    """A file as it was found."""

    @property
    def path(self) -> str:
        """As it was given."""
        ...

    @property
    def sensor(self) -> str:
        """Who wrote it; SEVERAL where its rows say it."""
        ...

    @property
    def reader(self) -> str:
        """What read it."""
        ...

    @property
    def raw_sha256(self) -> str:
        """Of the bytes on disk."""
        ...

    @property
    def raw_size(self) -> int:
        """Bytes on disk."""
        ...

    @property
    def content_sha256(self) -> str:
        """Of what it holds unpacked."""
        ...

    @property
    def content_size(self) -> int:
        """Bytes of what it holds unpacked."""
        ...

    @property
    def unterminated(self) -> bool:
        """Whether its last line has no end yet."""
        ...


@dataclass(slots=True)
class StagedFile:
    """A file that does not count yet. `superseded` is (file, row, day) of the half line before it.

    `reason` is why it was set aside, None where it was read.
    """

    id: int
    identity: Identity
    first_row: int
    previous: int | None
    superseded: tuple[int, int, int | None] | None = None
    last_row: int = 0
    last_flow: int = 0
    last_day: int | None = None
    rows: int = 0
    beside: dict[str, int] = field(default_factory=dict)
    """Rows of what stands beside the flows, by its table."""
    rejected: int = 0
    ignored: int = 0
    spans: list[tuple[int, int]] = field(default_factory=list)
    notes: str = "[]"
    reason: str | None = None


def prefixes(connection: sqlite3.Connection, sensor: str) -> list[tuple[int, str, int]]:
    """(content size, content SHA-256, file) of a sensor's files."""
    return connection.execute(
        "SELECT content_size, content_sha256, id FROM file WHERE sensor = ? AND status = 'taken'",
        (sensor,),
    ).fetchall()


def known(connection: sqlite3.Connection, content_sha256: str) -> int | None:
    """The file of several sensors that has a content."""
    found = connection.execute(
        "SELECT id FROM file WHERE sensor = ? AND content_sha256 = ? AND status = 'taken'",
        (SEVERAL, content_sha256),
    ).fetchone()
    return found[0] if found else None


def end_of(
    connection: sqlite3.Connection, file: int, sensor: str, below: int
) -> tuple[int, bool, int | None] | None:
    """Last row, whether it was half a line, and its day; None where it cannot be a beginning."""
    found = connection.execute(
        "SELECT last_row, unterminated, last_day FROM file"
        " WHERE id = ? AND sensor = ? AND status = 'taken' AND content_size < ?",
        (file, sensor, below),
    ).fetchone()
    return (found[0], bool(found[1]), found[2]) if found else None


def add_file(connection: sqlite3.Connection, file: StagedFile, now: int) -> None:
    """List a file, its spans, and the half line that it supersedes."""
    identity = file.identity
    connection.execute(
        "INSERT INTO file VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            file.id,
            identity.sensor,
            identity.path,
            identity.reader,
            identity.raw_sha256,
            identity.raw_size,
            identity.content_sha256,
            identity.content_size,
            int(identity.unterminated),
            "taken" if file.reason is None else "set_aside",
            file.reason,
            file.previous,
            file.first_row,
            file.last_row,
            file.last_day,
            file.rows,
            file.rejected,
            file.ignored,
            file.notes,
            now,
        ),
    )
    if file.reason is not None:
        return
    connection.executemany(
        "INSERT INTO file_side VALUES (?, ?, ?)",
        [(file.id, side, rows) for side, rows in sorted(file.beside.items())],
    )
    connection.executemany(
        "INSERT INTO span VALUES (?, ?, ?, ?)",
        [(file.id, identity.sensor, begin, end) for begin, end in file.spans],
    )
    if file.superseded is not None:
        connection.execute("INSERT OR IGNORE INTO exclusion VALUES (?, ?, ?)", file.superseded)


def objects(connection: sqlite3.Connection, sensor: str) -> dict[str, tuple[int, str]]:
    """(size, stamp) of the objects whose content a sensor has, by their names."""
    found = connection.execute("SELECT name, size, stamp FROM object WHERE sensor = ?", (sensor,))
    return {name: (size, stamp) for name, size, stamp in found}


def add_objects(connection: sqlite3.Connection, rows: Iterable[tuple[str, str, int, str]]) -> None:
    """Note (sensor, name, size, stamp) of objects whose content counts now."""
    connection.executemany("INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?)", rows)


def add_segments(connection: sqlite3.Connection, segments: Iterable[tuple[StagedSegment, str]]) -> None:
    """List segments with their paths."""
    for segment, path in segments:
        cursor = connection.execute(
            "INSERT INTO segment (day, path, size, sha256, rows, last_end, flags)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                segment.day,
                path,
                segment.size,
                segment.sha256,
                segment.rows,
                segment.last_end,
                segment.flags,
            ),
        )
        connection.executemany(
            "INSERT INTO segment_sensor VALUES (?, ?, ?)",
            [(cursor.lastrowid, sensor, count) for sensor, count in segment.rows_by.items()],
        )
        connection.executemany(
            "INSERT INTO segment_file VALUES (?, ?)",
            [(cursor.lastrowid, file) for file in segment.rows_of],
        )


def add_sides(connection: sqlite3.Connection, files: Iterable[tuple[StagedSide, str]]) -> None:
    """List files of what stands beside the flows with their paths."""
    connection.executemany(
        "INSERT INTO side_file (side, day, path, size, sha256, rows, until, begin, last)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *(one.table.name, one.day, path, one.size, one.sha256, one.rows, one.until),
                *(one.span or (None, None)),
            )
            for one, path in files
        ],
    )


def add_rejects(connection: sqlite3.Connection, path: str, size: int, sha256: str, rows: int) -> None:
    """List a file of rejected lines."""
    connection.execute(
        "INSERT INTO reject_file (path, size, sha256, rows) VALUES (?, ?, ?, ?)",
        (path, size, sha256, rows),
    )


def soil(
    connection: sqlite3.Connection, segments: Sequence[StagedSegment], files: Iterable[StagedFile]
) -> None:
    """Mark the days to be rebuilt: those with new rows, and neighbours whose flows reach into them.

    A conversation crosses midnight where its halves or its sensors' clocks do; with two-way records of
    one sensor alone none does.
    """
    gone = {f.superseded[2] for f in files if f.superseded and f.superseded[2] is not None}
    touched = {segment.day for segment in segments} | gone
    for day in touched:
        connection.execute(
            "INSERT INTO day (day, dirt) VALUES (?, 1) ON CONFLICT (day) DO UPDATE SET dirt = dirt + 1",
            (day,),
        )
    # It ends at the first that differs: a collector's lake has many thousands of rows here.
    several = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM segment_sensor"
        " WHERE sensor <> (SELECT sensor FROM segment_sensor LIMIT 1))"
    ).fetchone()[0]
    near: set[int] = set()
    for segment in segments:
        if several or segment.flags & Flag.ONE_WAY:
            last = min(segment.last_end // DAY_MICROSECONDS, segment.day + REACH_DAYS)
            near.update(range(segment.day - 1, max(segment.day + 1, last) + 1))
    for day in gone:
        if several or _one_way(connection, day):
            near.update((day - 1, day + 1))
    soil_days(connection, near - touched)


def _one_way(connection: sqlite3.Connection, day: int) -> bool:
    found = connection.execute(
        "SELECT 1 FROM segment WHERE day = ? AND flags & ? <> 0 LIMIT 1", (day, int(Flag.ONE_WAY))
    )
    return found.fetchone() is not None


def soil_days(connection: sqlite3.Connection, days: Iterable[int]) -> None:
    """Mark days to be rebuilt, where there are any."""
    connection.executemany("UPDATE day SET dirt = dirt + 1 WHERE day = ?", [(day,) for day in days])
