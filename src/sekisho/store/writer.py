"""Taking files into the lake: staged aside, then counted by one transaction of the manifest."""

from __future__ import annotations

import errno
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from sekisho.errors import PartlyRead
from sekisho.store import event_staging, recording, streams
from sekisho.store.base import microseconds
from sekisho.store.event_staging import EventFile, Staging
from sekisho.store.layout import (
    Layout,
    make_folder,
    new_run,
    remove_tree,
    sync_file,
    sync_folders,
)
from sekisho.store.manifest import transaction
from sekisho.store.recording import StagedFile
from sekisho.store.rejects import Rejected, RejectSpool
from sekisho.store.side_spool import SideSpool, StagedSide
from sekisho.store.side_spool import conformed as conformed_side
from sekisho.store.side_tables import LOGONS, NAMES, SIDE_TABLES, SideTable
from sekisho.store.spool import DAY_MICROSECONDS, FlowSpool, StagedSegment, conformed, measured
from sekisho.store.streams import Collected

Steps = Callable[[str], None]
"""Told the name of each step of a commit as it is reached; tests stop the program there."""

MAX_NOTES = 100


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """A file as it was found. `content_*` is of what it holds unpacked; sizes are bytes.

    `sensor` is empty (`recording.SEVERAL`) where its flows are of several and say of which.
    `unterminated`: the content does not end with the end of a line, so its last row may still grow.
    """

    path: str
    sensor: str
    reader: str
    raw_sha256: str
    raw_size: int
    content_sha256: str
    content_size: int
    unterminated: bool


@dataclass(frozen=True, slots=True)
class Known:
    """The sensor's same content was taken before, whatever its name or packing was."""

    file: int


@dataclass(frozen=True, slots=True)
class New:
    """Nothing of it was taken before."""

    file: int
    first_row: int = 1


@dataclass(frozen=True, slots=True)
class Grown:
    """It begins with all of `previous`; rows from `first_row` on are new."""

    file: int
    first_row: int
    previous: int


class Writer:
    """One run of taking files. Files one after another: `begin`, `add` and `reject`, then `finish`
    or `abandon`; `commit` makes all finished ones count, and may be called again later.

    Where one file holds the records of several sensors, it is begun for one after another, `beside` the
    first; the other calls then say which `file` (the number that `begin` gave) they are about, and
    `abandon` is about all of them.
    """

    def __init__(
        self, layout: Layout, connection: sqlite3.Connection, steps: Steps, clock: Callable[[], int]
    ) -> None:
        self._layout = layout
        self._connection = connection
        self._steps = steps
        self._clock = clock
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="lake-spool")
        self._next_file = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM file").fetchone()[0]
        self._open: dict[int, StagedFile] = {}
        self._prefixes: dict[str, dict[int, dict[str, int]]] = {}
        self._objects: dict[str, dict[str, tuple[int, str]]] = {}
        self._start()

    def _start(self) -> None:
        self._run = new_run()
        self._folder = self._layout.staging / f"write-{self._run}"
        self._folder.mkdir()
        self._shared = FlowSpool(self._folder, f"{self._run}-s", self._pool)
        self._beside = {table.name: SideSpool(table, self._folder, self._run) for table in SIDE_TABLES}
        self._rejects = RejectSpool(self._folder / f"{self._run}-rejects.parquet")
        self._closing: tuple[FlowSpool, Future[list[StagedSegment]]] | None = None
        """The file before this one, whose last rows are still being written."""
        self._segments: list[StagedSegment] = []
        self._files: list[StagedFile] = []
        self._noted: list[tuple[str, str, int, str]] = []
        self._collected: Collected | None = None
        self._logs: list[tuple[EventFile, Staging]] = []

    def prefixes(self, sensor: str) -> Mapping[int, Mapping[str, int]]:
        """The sensor's files by content SHA-256, by content size, those of this run included."""
        if sensor not in self._prefixes:
            # Nobody else writes meanwhile, so what is read once stays true.
            found = self._prefixes[sensor] = {}
            for size, sha256, file in recording.prefixes(self._connection, sensor):
                found.setdefault(size, {})[sha256] = file
        return self._prefixes[sensor]

    def objects(self, sensor: str) -> Mapping[str, tuple[int, str]]:
        """(size, stamp) of a store's objects whose content the sensor has, by their names."""
        if sensor not in self._objects:
            self._objects[sensor] = recording.objects(self._connection, sensor)
        return self._objects[sensor]

    def note(self, sensor: str, name: str, size: int, stamp: str) -> None:
        """The content of a store's object, as it is now, counts with the next commit or did before."""
        self._noted.append((sensor, name, size, stamp))

    def collected(self, news: Collected) -> None:
        """What counts with the next commit beside the files of several sensors."""
        self._collected = news

    def begin(
        self, identity: FileIdentity, previous: int | None = None, *, beside: bool = False
    ) -> Known | New | Grown:
        """Decide what is new in a file; unless it is known, the next calls are about it.

        `previous` is the file among `prefixes` whose content this content begins with.
        """
        if not beside:
            self._refuse_open()
        if (known := self._known(identity)) is not None:
            return Known(known)
        file = self._next_file
        self._next_file += 1
        if not self._open:
            self._own = FlowSpool(self._folder, f"{self._run}-f{file}", self._pool)
        before = self._before(previous, identity) if previous is not None else None
        if previous is None or before is None:
            self._open[file] = StagedFile(file, identity, 1, None)
            return New(file)
        last_row, unterminated, last_day = before
        first_row = max(1, last_row if unterminated else last_row + 1)
        superseded = (previous, last_row, last_day) if unterminated and last_row else None
        self._open[file] = StagedFile(file, identity, first_row, previous, superseded)
        return Grown(file, first_row, previous)

    def _known(self, identity: FileIdentity) -> int | None:
        if identity.sensor == recording.SEVERAL:
            # A collector commits thousands a day: they are looked up, never listed, and do not grow.
            own = (f.id for f in self._files if f.identity.content_sha256 == identity.content_sha256)
            return next(own, None) or recording.known(self._connection, identity.content_sha256)
        return (
            self.prefixes(identity.sensor).get(identity.content_size, {}).get(identity.content_sha256)
        )

    def _before(self, previous: int, identity: FileIdentity) -> tuple[int, bool, int | None] | None:
        for staged in self._files:
            if staged.id == previous and staged.reason is None:
                return staged.last_row, staged.identity.unterminated, staged.last_day
        return recording.end_of(self._connection, previous, identity.sensor, identity.content_size)

    def add(self, flows: pa.Table, file: int | None = None) -> None:
        """Take flows of the file begun: FLOW_SCHEMA without `file`; labels may be dictionaries.

        Raises PartlyRead where the disk is full; nothing of the run counts then.
        """
        staged = self._begun(file)
        if not flows.num_rows:
            return
        with _disk(self._layout.root):
            self._own.add(staged.id, conformed(flows, staged.id))
        staged.rows += flows.num_rows
        rows = flows["row"].to_numpy()
        last = int(np.argmax(rows))
        if rows[last] >= staged.last_flow:
            staged.last_flow = int(rows[last])
            staged.last_day = flows["start"][last].value // DAY_MICROSECONDS

    def add_names(self, names: pa.Table, file: int | None = None) -> None:
        """Take names seen in the file begun: NAME_SCHEMA without `file`; labels may be dictionaries.

        Raises PartlyRead as `add` does.
        """
        self._add_beside(NAMES, names, file)

    def add_logons(self, logons: pa.Table, file: int | None = None) -> None:
        """Take logons of the file begun: LOGON_SCHEMA without `file`; labels may be dictionaries.

        Raises PartlyRead as `add` does.
        """
        self._add_beside(LOGONS, logons, file)

    def _add_beside(self, table: SideTable, rows: pa.Table, file: int | None) -> None:
        staged = self._begun(file)
        if not rows.num_rows:
            return
        with _disk(self._layout.root):
            self._beside[table.name].add(conformed_side(table, rows, staged.id))
        staged.beside[table.name] = staged.beside.get(table.name, 0) + rows.num_rows

    def reject(self, rejects: Iterable[Rejected], file: int | None = None) -> None:
        """Keep lines of the file begun that could not be read."""
        staged = self._begun(file)
        with _disk(self._layout.root):
            staged.rejected += self._rejects.add(staged.id, rejects)

    def stage_events(self) -> Staging:
        """Where the events of a terminal's log are put meanwhile; see `keep_events`."""
        return Staging(self._layout, self._connection)

    def add_events(self, staging: Staging, events: pa.Table) -> None:
        """Take events of a log: SOURCE_EVENTS. Raises PartlyRead as `add` does."""
        with _disk(self._layout.root):
            staging.add(events)

    def keep_events(self, log: EventFile, staging: Staging) -> None:
        """All events of a file that is finished: they count with the next commit, unless a log of that content
        does already. Raises PartlyRead as `add` does."""
        with _disk(self._layout.root):
            staging.settle()
        self._logs.append((log, staging))

    def count_rejected(self, more: int, file: int | None = None) -> None:
        """Lines of the file begun that could not be read and are too many to be kept."""
        self._begun(file).rejected += more

    def finish(
        self,
        last_row: int,
        spans: Sequence[tuple[datetime, datetime]] = (),
        notes: Sequence[str] = (),
        ignored: int = 0,
        file: int | None = None,
    ) -> None:
        """The file begun is complete: it counts with the next commit.

        `last_row` is the last line or record consumed; `spans` are times at which the sensor was shown
        to be alive; `ignored` lines were neither flows nor errors.
        """
        staged = self._begun(file)
        staged.last_row = last_row
        if staged.last_flow != last_row:
            # The last line is no flow: if it turns out to be half a line, no flow is superseded.
            staged.last_day = None
        staged.spans = [(microseconds(begin), microseconds(end)) for begin, end in spans]
        staged.notes = json.dumps(list(dict.fromkeys(notes))[:MAX_NOTES], ensure_ascii=False)
        staged.ignored = ignored
        if len(self._open) == 1:
            with _disk(self._layout.root):
                if self._own.wrote:
                    self._await_closing()
                    self._closing = self._own, self._own.closing()
                else:
                    self._own.hand_over(self._shared)
                for beside in self._beside.values():
                    beside.keep()
        self._files.append(self._open.pop(staged.id))
        if staged.identity.sensor != recording.SEVERAL:
            same = self._prefixes[staged.identity.sensor].setdefault(staged.identity.content_size, {})
            same[staged.identity.content_sha256] = staged.id

    def abandon(self, reason: str) -> None:
        """What was begun cannot be read: nothing of it counts, and it is listed as set aside."""
        if not self._open:
            raise ValueError("no file was begun")
        self._own.discard()
        for beside in self._beside.values():
            beside.drop()
        for staged in self._open.values():
            staged.reason, staged.rows, staged.beside = reason[:1000], 0, {}
        self._files.extend(self._open.values())
        self._open = {}

    def commit(self) -> None:
        """Make every finished file count, durably; the days they touch are to be rebuilt.

        Killed at any moment, either all of it counts or nothing of it. Raises PartlyRead where the disk
        is full.
        """
        self._refuse_open()
        if not self._files and not self._noted and self._collected is None:
            return
        with _disk(self._layout.root):
            moves = self._stage()
            self._steps("staged")
            for source, _ in moves:
                sync_file(source)
            sync_folders([self._folder])
            self._steps("synced")
            for source, target in moves:
                make_folder(target.parent, self._layout.root)
                source.rename(target)
                self._steps("renamed")
            sync_folders(target.parent for _, target in moves)
            self._steps("placed")
        with transaction(self._connection) as connection:
            now = self._clock()
            for file in self._files:
                recording.add_file(connection, file, now)
            recording.add_segments(
                connection, [(s, f"flows/{s.partition}/{s.path.name}") for s in self._segments]
            )
            recording.add_sides(
                connection, [(one, f"{one.partition}/{one.path.name}") for one in self._side_files]
            )
            for log, staging, rows in self._counting:
                event_staging.record(connection, log, staging, rows, now)
            if self._reject_file is not None:
                name, size, sha256 = self._reject_file
                recording.add_rejects(connection, f"rejects/{name}", size, sha256, self._rejects.rows)
            recording.add_objects(connection, self._noted)
            if self._collected is not None:
                streams.record(connection, self._collected)
            recording.soil(connection, self._segments, self._files)
            self._steps("recording")
        self._steps("recorded")
        remove_tree(self._folder)
        self._drop_logs()
        self._steps("cleaned")
        self._start()

    def _await_closing(self) -> None:
        if self._closing is not None:
            self._segments.extend(self._closing[1].result())
            self._closing = None

    def _stage(self) -> list[tuple[Path, Path]]:
        self._await_closing()
        self._segments.extend(self._shared.closing().result())
        moves = [(s.path, self._layout.flows / s.partition / s.path.name) for s in self._segments]
        self._side_files: list[StagedSide] = []
        for beside in self._beside.values():
            self._side_files += beside.close()
        self._counting = self._closed_logs()
        root = self._layout.root
        moves += [(one.path, root / one.partition / one.path.name) for one in self._side_files]
        rejects = self._rejects.close()
        self._reject_file = None
        if rejects is not None:
            size, sha256 = measured(rejects)
            self._reject_file = rejects.name, size, sha256
            moves.append((rejects, self._layout.rejects / rejects.name))
        return moves

    def _closed_logs(self) -> list[tuple[EventFile, Staging, int]]:
        """Logs that are new, with the numbers of their events."""
        found: dict[str, tuple[EventFile, Staging, int]] = {}
        day = self._clock() // DAY_MICROSECONDS
        for log, staging in self._logs:
            if log.sha256 in found or event_staging.known(self._connection, log.sha256):
                continue
            closed = staging.close(day)
            self._side_files += closed
            found[log.sha256] = log, staging, sum(one.rows for one in closed)
        return list(found.values())

    def _drop_logs(self) -> None:
        for _, staging in self._logs:
            staging.drop()
        self._logs = []

    def close(self) -> None:
        """Drop what was not committed."""
        if self._open:
            self._own.discard()
        if self._closing is not None:
            spool, segments = self._closing
            segments.exception()
            spool.discard()
        self._shared.discard()
        for beside in self._beside.values():
            beside.discard()
        self._rejects.discard()
        self._drop_logs()
        self._pool.shutdown()
        remove_tree(self._folder)

    def _begun(self, file: int | None) -> StagedFile:
        """The file of that number; without one the only one that was begun."""
        if file is None and len(self._open) == 1:
            return next(iter(self._open.values()))
        if file is None or file not in self._open:
            raise ValueError(f"no file was begun as {file}" if self._open else "no file was begun")
        return self._open[file]

    def _refuse_open(self) -> None:
        for staged in self._open.values():
            raise ValueError(f"{staged.identity.path} is neither finished nor abandoned")


@contextmanager
def _disk(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise PartlyRead(
            f"no space left below {root}: nothing of this run since its last commit counts",
            "free disk space and ingest the same files again; what counted before is whole",
        ) from error
