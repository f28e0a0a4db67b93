"""Terminals' logs on their way into the lake: staged aside, then counted by one transaction, a log once by its
content."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

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

    def stage(self) -> Staging:
        """A log on its way; what is added does not count until it is committed. Use as a context manager."""
        with transaction(self._connection):
            number = self._connection.execute("INSERT INTO event_number DEFAULT VALUES").lastrowid
        return Staging(self._layout, number or 0)

    def take(self, file: EventFile, tables: Iterable[pa.Table]) -> bool:
        """Take in a log's events, tables of SOURCE_EVENTS, all or none. See `commit`."""
        with self.stage() as staging:
            for table in tables:
                staging.add(table)
            return self.commit(file, staging)

    def commit(self, file: EventFile, staging: Staging) -> bool:
        """Let a log count. False where one of that content does already.

        Raises RequestError where another process writes for too long, or the disk is full.
        """
        with self._exclusive():
            if self.known(file.sha256):
                return False
            try:
                now = self._clock()
                staged = staging.close(now // DAY_MICROSECONDS)
                self._steps("events staged")
                self._count(file, staging.number, now, staged)
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                    raise
                raise RequestError(
                    f"no space left below {self._layout.root}: {file.name} was not taken in",
                    "free disk space, and import it again",
                ) from error
        return True

    def _count(self, file: EventFile, number: int, now: int, staged: Sequence[StagedSide]) -> None:
        root = self._layout.root
        if staged:
            target = root / EVENTS.name / day_folder(date_of(now // DAY_MICROSECONDS))
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


class Staging:
    """Writes one log's events aside, in bounded memory. Nobody waits for it."""

    def __init__(self, layout: Layout, number: int) -> None:
        self.number = number
        self._run = new_run()
        # Of this name a sweep leaves alone what belongs to a process that lives.
        self._folder = layout.staging / f"compact-{os.getpid()}-{self._run}"
        make_folder(self._folder, layout.root)
        self._begun: list[pa.Table] = []
        self._written: list[tuple[Path, int]] = []

    def add(self, table: pa.Table) -> None:
        """Events, SOURCE_EVENTS."""
        if table.num_rows:
            self._begun.append(table)
        if sum(one.num_rows for one in self._begun) >= MAX_BUFFERED:
            self._write()

    def close(self, day: int) -> list[StagedSide]:
        """The files of all that was added, as of a day."""
        if self._begun:
            self._write()
        found = []
        for path, rows in self._written:
            size, sha256 = measured(path)
            found.append(StagedSide(EVENTS, path, day, rows, size, sha256))
        return found

    def drop(self) -> None:
        """Remove what was written and does not count."""
        self._begun, self._written = [], []
        remove_tree(self._folder)

    def _write(self) -> None:
        rows = in_order(EVENTS, conformed(EVENTS, pa.concat_tables(self._begun), self.number))
        path = self._folder / f"{self._run}-{EVENTS.mark}-{len(self._written) + 1}.parquet"
        write(EVENTS, rows, path)
        self._written.append((path, rows.num_rows))
        self._begun = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.drop()
