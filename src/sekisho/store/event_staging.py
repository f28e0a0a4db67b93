"""A terminal's log on its way: its events written aside, and how the manifest lists it once it counts."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.store.layout import Layout, make_folder, new_run, remove_tree
from sekisho.store.manifest import transaction
from sekisho.store.side_spool import MAX_BUFFERED, StagedSide, conformed, in_order, write
from sekisho.store.side_tables import EVENTS
from sekisho.store.spool import measured

MOST_REASONS = 3
FILES = pa.schema(
    [
        ("file", pa.int32()),
        ("sha256", pa.string()),
        ("name", pa.string()),
        ("within", pa.string()),
        ("owner", pa.string()),
        ("rows", pa.int64()),
        ("unread", pa.int64()),
        ("cut", pa.int64()),
        ("why", pa.string()),
    ]
)
"""Logs as they are listed."""


@dataclass(slots=True)
class EventFile:
    """A log. `within` names the collection that it came in, '' for none; `owner` is the machine that is said to
    have it, as JSON of a sighting, '' where only the events say so. What is known when it has been read:
    `unread` counts records that could not be, `why` says the first reasons, `cut` counts shortened events."""

    sha256: str
    name: str
    within: str = ""
    owner: str = ""
    unread: int = 0
    cut: int = 0
    why: str = ""
    half: bool = False
    """Whether the last line is one of those that could not be read, and may still grow."""
    begins: tuple[str, ...] = ()
    """Contents that were taken in before and that this one begins with: their last halves stand whole in it."""

    def miss(self, row: int, why: str) -> None:
        """A record that could not be read."""
        self.unread += 1
        if self.unread <= MOST_REASONS:
            said = f"record {row}: {why[:200]}"
            self.why = f"{self.why}; {said}" if self.why else said


class Staging:
    """Writes one log's events aside, in bounded memory. Nobody waits for it."""

    def __init__(self, layout: Layout, connection: sqlite3.Connection) -> None:
        with transaction(connection):
            number = connection.execute("INSERT INTO event_number DEFAULT VALUES").lastrowid
        self.number = number or 0
        self.last_row = 0
        """The last row of the log that gave an event."""
        self._run = new_run()
        # Of this name a sweep leaves alone what belongs to a process that lives.
        self._folder = layout.staging / f"compact-{os.getpid()}-{self._run}"
        make_folder(self._folder, layout.root)
        self._begun: list[pa.Table] = []
        self._written: list[tuple[Path, int, tuple[int, int] | None]] = []

    def add(self, table: pa.Table) -> None:
        """Events, SOURCE_EVENTS."""
        if table.num_rows:
            self._begun.append(table)
            self.last_row = max(self.last_row, pc.max(table["row"]).as_py())
        if sum(one.num_rows for one in self._begun) >= MAX_BUFFERED:
            self._write()

    def settle(self) -> None:
        """All of the log was added: however many logs wait to count, none of them waits in memory."""
        if self._begun:
            self._write()

    def close(self, day: int) -> list[StagedSide]:
        """The files of all that was added, as of a day."""
        self.settle()
        found = []
        for path, rows, span in self._written:
            size, sha256 = measured(path)
            found.append(StagedSide(EVENTS, path, day, rows, size, sha256, span=span))
        return found

    def drop(self) -> None:
        """Remove what was written and does not count."""
        self._begun, self._written = [], []
        remove_tree(self._folder)

    def _write(self) -> None:
        rows = in_order(EVENTS, conformed(EVENTS, pa.concat_tables(self._begun), self.number))
        path = self._folder / f"{self._run}-{EVENTS.mark}-{len(self._written) + 1}.parquet"
        write(EVENTS, rows, path)
        self._written.append((path, rows.num_rows, EVENTS.span(rows)))
        self._begun = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.drop()


def known(connection: sqlite3.Connection, sha256: str) -> bool:
    """Whether a log of that content was taken in."""
    found = connection.execute("SELECT 1 FROM event_file WHERE sha256 = ?", (sha256,))
    return found.fetchone() is not None


def last_row(connection: sqlite3.Connection, contents: Sequence[str]) -> int:
    """The last row that gave an event in any of these logs; 0 where none was taken in."""
    marks = ", ".join("?" * len(contents))
    found = connection.execute(
        f"SELECT max(last_row) FROM event_file WHERE sha256 IN ({marks})", tuple(contents)
    )
    return found.fetchone()[0] or 0


def record(
    connection: sqlite3.Connection, file: EventFile, staging: Staging, rows: int, now: int
) -> None:
    """List a log that counts. Within the caller's transaction."""
    connection.execute(
        "INSERT INTO event_file VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            staging.number,
            file.sha256,
            file.name,
            file.within,
            file.owner,
            rows,
            file.unread,
            file.cut,
            file.why,
            now,
            staging.last_row,
            int(file.half),
        ),
    )
    connection.executemany(
        "UPDATE event_file SET unread = unread - 1, half = 0 WHERE sha256 = ? AND half",
        [(one,) for one in file.begins],
    )
