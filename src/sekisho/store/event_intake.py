"""Terminals' logs into the lake: staged aside, then counted by one transaction, a log once by its content."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager

import pyarrow as pa

from sekisho.errors import RequestError
from sekisho.store import event_staging
from sekisho.store.event_staging import EventFile, Staging
from sekisho.store.layout import Layout, day_folder, make_folder, sync_file, sync_folders
from sekisho.store.manifest import transaction
from sekisho.store.recording import add_sides
from sekisho.store.side_spool import StagedSide
from sekisho.store.side_tables import EVENTS
from sekisho.store.spool import DAY_MICROSECONDS, date_of
from sekisho.store.writer import Steps


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
        return event_staging.known(self._connection, sha256)

    def last_row(self, contents: Sequence[str]) -> int:
        """The last row that gave an event in any of these logs; 0 where none was taken in."""
        return event_staging.last_row(self._connection, contents)

    def stage(self) -> Staging:
        """A log on its way; what is added does not count until it is committed. Use as a context manager."""
        return Staging(self._layout, self._connection)

    def take(self, file: EventFile, tables: Iterable[pa.Table]) -> bool:
        """Take in a log's events, tables of SOURCE_EVENTS, all or none. See `commit`."""
        with self.stage() as staging:
            for table in tables:
                staging.add(table)
            return self.commit(file, staging)

    def commit(self, file: EventFile, staging: Staging) -> bool:
        """Let a log count. False where one of that content does already: it learns whose it is, where only this
        copy says so.

        Raises RequestError where another process writes for too long, or the disk is full.
        """
        with self._exclusive():
            if self.known(file.sha256):
                self._own(file)
                return False
            try:
                now = self._clock()
                staged = staging.close(now // DAY_MICROSECONDS)
                self._steps("events staged")
                self._count(file, staging, now, staged)
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                    raise
                raise RequestError(
                    f"no space left below {self._layout.root}: {file.name} was not taken in",
                    "free disk space, and import it again",
                ) from error
        return True

    def _own(self, file: EventFile) -> None:
        if file.owner:
            with transaction(self._connection):
                self._connection.execute(
                    "UPDATE event_file SET owner = ?, within = ? WHERE sha256 = ? AND owner = ''",
                    (file.owner, file.within, file.sha256),
                )

    def _count(self, file: EventFile, staging: Staging, now: int, staged: Sequence[StagedSide]) -> None:
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
            event_staging.record(self._connection, file, staging, sum(one.rows for one in staged), now)
            add_sides(self._connection, [(one, f"{one.partition}/{one.path.name}") for one in staged])
            self._steps("counting events")
        self._steps("events count")
