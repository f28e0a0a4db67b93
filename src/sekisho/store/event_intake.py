"""Terminals' logs on their way into the lake: staged aside, then counted by one transaction, a log once by its
content."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from sekisho.errors import RequestError
from sekisho.store.layout import (
    Layout,
    day_folder,
    make_folder,
    new_run,
    remove_tree,
    sync_file,
    sync_folders,
)
from sekisho.store.manifest import transaction
from sekisho.store.recording import add_sides
from sekisho.store.side_spool import MAX_BUFFERED, StagedSide, conformed, in_order, write
from sekisho.store.side_tables import EVENTS
from sekisho.store.spool import DAY_MICROSECONDS, date_of, measured
from sekisho.store.writer import Steps


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


class EventIntake:
    """Takes logs in, one process at a time."""

    def __init__(
        self,
        layout: Layout,
        connection: sqlite3.Connection,
        steps: Steps,
        clock: Callable[[], int],
        exclusive: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._layout, self._connection = layout, connection
        self._steps, self._clock, self._exclusive = steps, clock, exclusive

    def known(self, sha256: str) -> bool:
        """Whether a log of that content was taken in."""
        found = self._connection.execute("SELECT 1 FROM event_file WHERE sha256 = ?", (sha256,))
        return found.fetchone() is not None

    def take(self, file: EventFile, tables: Iterable[pa.Table]) -> bool:
        """Take in a log's events, tables of SOURCE_EVENTS, all or none; `file` is looked at when they end.

        False where one of that content was taken in before. Raises RequestError where another process writes
        for too long, or the disk is full.
        """
        with self._exclusive():
            if self.known(file.sha256):
                return False
            run = new_run()
            folder = self._layout.staging / f"write-{run}"
            make_folder(folder, self._layout.root)
            try:
                return self._taken(file, tables, folder, run)
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                    raise
                raise RequestError(
                    f"no space left below {self._layout.root}: {file.name} was not taken in",
                    "free disk space, and import it again",
                ) from error
            finally:
                remove_tree(folder)

    def _taken(self, file: EventFile, tables: Iterable[pa.Table], folder: Path, run: str) -> bool:
        # Numbers of files that are gone are not given again: what a reader has open may still name them.
        number = self._connection.execute("SELECT coalesce(max(id), 0) + 1 FROM event_file").fetchone()[
            0
        ]
        now = self._clock()
        day = now // DAY_MICROSECONDS
        staged: list[StagedSide] = []
        begun: list[pa.Table] = []

        def write_out() -> None:
            rows = in_order(EVENTS, conformed(EVENTS, pa.concat_tables(begun), number))
            path = folder / f"{run}-{EVENTS.mark}-{len(staged) + 1}.parquet"
            write(EVENTS, rows, path)
            size, sha256 = measured(path)
            staged.append(StagedSide(EVENTS, path, day, rows.num_rows, size, sha256))
            begun.clear()

        for table in tables:
            if table.num_rows:
                begun.append(table)
            if sum(one.num_rows for one in begun) >= MAX_BUFFERED:
                write_out()
        if begun:
            write_out()
        self._steps("events staged")
        self._count(file, number, now, staged, day)
        return True

    def _count(
        self, file: EventFile, number: int, now: int, staged: Sequence[StagedSide], day: int
    ) -> None:
        root = self._layout.root
        target = root / EVENTS.name / day_folder(date_of(day))
        if staged:
            make_folder(target, root)
            for one in staged:
                sync_file(one.path)
                one.path.rename(target / one.path.name)
            sync_folders([target])
        self._steps("events moved")
        with transaction(self._connection):
            self._connection.execute(
                "INSERT INTO event_file VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    number,
                    file.sha256,
                    file.name,
                    file.within,
                    file.owner,
                    sum(one.rows for one in staged),
                    file.unread,
                    file.cut,
                    file.why,
                    now,
                ),
            )
            add_sides(self._connection, [(one, f"{one.partition}/{one.path.name}") for one in staged])
            self._steps("counting events")
        self._steps("events count")
