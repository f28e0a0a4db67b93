"""The flow lake of a workspace: what was recorded, and the questions asked of it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from sekisho.errors import IntegrityError, RequestError
from sekisho.model.names import NameKind
from sekisho.store import (
    arrivals,
    behind,
    compaction,
    listing,
    months,
    pruning,
    recording,
    refresh,
    snapshot,
    streams,
    sweep,
    whole,
    window,
)
from sekisho.store.base import ClockOffset, SensorTraits, microseconds
from sekisho.store.engines.base import Engine
from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.engines.once import Once
from sekisho.store.engines.portable import PortableEngine
from sekisho.store.event_intake import EventIntake
from sekisho.store.events import EventLog
from sekisho.store.history import Behind, Evidence, History
from sekisho.store.hunting import Hunting
from sekisho.store.layout import VERSION, Layout, sync_file
from sekisho.store.locks import exclusive
from sekisho.store.logons import LogonLog
from sekisho.store.manifest import connect, reading
from sekisho.store.naming import Names, Naming, Told
from sekisho.store.portable_history import PortableHistory
from sekisho.store.queries.columns import DAY
from sekisho.store.recorded import Recorded
from sekisho.store.sightings import Places, Sightings, sightings
from sekisho.store.snapshot import Damage
from sekisho.store.stage import Stage
from sekisho.store.uses import Uses
from sekisho.store.writer import Steps, Writer

Progress = Callable[[str, int, int | None], None]
"""Told (what is being done, how much of it is done, how much there is or None)."""


class Lake:
    """One lake. Use as a context manager; one thread at a time.

    Readers take no lock and see one state of the manifest per question. Times are aware UTC.
    """

    def __init__(
        self,
        layout: Layout,
        connection: sqlite3.Connection,
        engine: Callable[[], Engine],
        steps: Steps,
        clock: Callable[[], int],
        lock_timeout: float,
        elsewhere: Callable[[], PortableEngine] | None = None,
    ) -> None:
        self.layout = layout
        self._connection = connection
        self._engine = engine
        self._steps = steps
        self._clock = clock
        self._timeout = lock_timeout
        self._elsewhere = None if elsewhere is None else Once(elsewhere)
        asked = None if self._elsewhere is None else PortableHistory(self._elsewhere)
        self._history = History(layout, connection, engine, asked)
        self._naming = Naming(layout, connection, engine, self._history)
        self.logons = LogonLog(layout, connection, engine)
        """Who was let in where, and the hours of which hosts' logs speak."""
        self.uses = Uses(layout, connection, engine, self.refresh, self._window)
        """How connections were used: by the day, by the conversation, by the session."""
        self.hunting = Hunting(layout, connection, engine, self._history, self.refresh)
        """What indicators name, in all history."""
        self.recorded = Recorded(layout, connection, engine)
        """What stands beside the flows, by who recorded it."""
        intake = EventIntake(layout, connection, steps, clock, self._writing)
        self.events = EventLog(layout, connection, engine, intake)
        """What terminals' own logs hold."""

    @classmethod
    def open(
        cls,
        root: Path,
        *,
        create: bool = False,
        memory_limit: str = "1GiB",
        threads: int | None = None,
        lock_timeout: float = 30.0,
        steps: Steps = lambda _step: None,
        clock: Callable[[], int] = lambda: time.time_ns() // 1000,
        elsewhere: Callable[[], PortableEngine] | None = None,
    ) -> Self:
        """Open the lake in a folder, or make one there.

        `memory_limit` and `threads` bound the engine; `lock_timeout` (seconds) is how long to wait for
        another process that writes. `elsewhere` opens the engine that judges and looks back instead of
        the embedded one; the first such question opens it, and it closes with the lake. Raises
        RequestError where there is no lake and none is to be made, or where it is newer than this
        program; IntegrityError where it is damaged.
        """
        layout = Layout(root)
        _check_version(layout, create=create, lock_timeout=lock_timeout)
        connection = connect(layout.manifest, migrate=True)

        def engine() -> Engine:
            return DuckDB(layout.root, layout.staging, memory_limit, threads)

        return cls(layout, connection, engine, steps, clock, lock_timeout, elsewhere)

    def _writing(self) -> AbstractContextManager[None]:
        return exclusive(self.layout.root / "write.lock", "writing to", self._timeout)

    @contextmanager
    def writer(self, *, swept: bool = False) -> Iterator[Writer]:
        """Take files into the lake. One process at a time: raises RequestError where another does.

        What an earlier, killed run left behind is removed first, unless the caller has `swept` lately.
        """
        with self._writing():
            if not swept:
                sweep.sweep_writes(self.layout, self._connection)
            writer = Writer(self.layout, self._connection, self._steps, self._clock)
            try:
                yield writer
            finally:
                writer.close()

    def refresh(
        self, traits: Mapping[str, SensorTraits] | None = None, progress: Progress | None = None
    ) -> None:
        """Bring the roll-ups up to date with all that counts; cheap where nothing changed.

        `traits` are the sensors' as the inventory has them; None keeps those of the last time. Raises
        RequestError where another process rebuilds for longer than the lock's timeout.
        """
        tell = progress or (lambda _what, _done, _all: None)
        dirty = snapshot.dirty_days(self._connection) or months.behind(self.layout, self._connection)
        if traits is None and not dirty:
            return
        with exclusive(self.layout.root / "rollup.lock", "rolling up", self._timeout):
            if traits is not None:
                refresh.store_traits(self._connection, traits)
            sweep.sweep_rebuilds(self.layout, self._connection)
            self._rebuild(tell)
            broken = months.broken(self.layout, self._connection)
            if broken:
                refresh.record_damage(self._connection, broken)
                self._rebuild(tell)
            months.refresh(self.layout, self._connection, self._engine, self._steps, self._clock)
            sweep.sweep_garbage(self.layout, self._connection, self._clock())

    def _rebuild(self, tell: Progress) -> None:
        if not snapshot.dirty_days(self._connection):
            return
        with self._engine() as engine:
            refresh.rebuild(
                self.layout,
                self._connection,
                engine,
                self._steps,
                self._clock,
                lambda done, of: tell("roll-up", done, of),
            )

    def stage(self, begin: datetime | None, end: datetime | None, *, by_month: bool = True) -> Stage:
        """The window's rows, ready to be judged. None: from the first, until the last of all evidence.

        Where the window's edges or a change of the register split a day, its raw flows are read; all
        else comes from roll-ups: of months where `by_month`, else of days.
        """
        self.refresh()
        start, stop = self._window(begin, end)
        asked = None if self._elsewhere is None else self._elsewhere()
        engine = self._engine()
        try:
            return window.stage(
                self.layout,
                self._connection,
                engine,
                (start, stop),
                by_month=by_month,
                elsewhere=asked,
            )
        except BaseException:
            engine.close()
            raise

    def arrivals(
        self,
        after_file: int,
        cuts: Sequence[datetime] = (),
        most: int = arrivals.MOST_ROWS,
        until: int | None = None,
        traits: Mapping[str, SensorTraits] | None = None,
        day: int | None = None,
    ) -> arrivals.Arrivals | None:
        """What files with a number above `after_file`, up to `until`, brought (of flows that began on `day`, a
        number since 1970, where one is given), ready to be asked; None where
        there are none. At most `most` rows, but at least one file; whole files, in the order they came. No
        roll-up is needed or made. Rows do not reach over `cuts`. Raw flows that were compacted meanwhile are
        found all the same; pruned ones are not. `traits` say what stands for others in sensors' records;
        None: as they were when roll-ups were made last."""
        return arrivals.open_arrivals(
            self.layout, self._connection, self._engine, after_file, cuts, most, until, traits, day
        )

    def last_file(self, before: datetime | None = None) -> int:
        """The number of the last file taken, or of the last before a time; 0 where there is none."""
        return arrivals.last_file(self._connection, None if before is None else microseconds(before))

    def _window(self, begin: datetime | None, end: datetime | None) -> tuple[int, int]:
        """Microseconds; an open side is where the evidence begins or ends."""
        first, last = self._days()
        return (
            first * DAY if begin is None else microseconds(begin),
            (last + 1) * DAY if end is None else microseconds(end),
        )

    def _days(self) -> tuple[int, int]:
        first, last = self._connection.execute("SELECT min(day), max(day) FROM day").fetchone()
        return (0, -1) if first is None else (first, last)

    def compact(self, progress: Progress | None = None) -> compaction.Compacted:
        """Put the raw flows, and the names, of every day with several files into one; what they say stays
        the same.

        Raises RequestError where another process writes, or where the disk is full.
        """
        tell = progress or (lambda _what, _done, _all: None)
        with self.still():
            sweep.sweep_writes(self.layout, self._connection)
            found = compaction.compact(
                self.layout,
                self._connection,
                self._steps,
                self._clock,
                lambda done, of: tell("compact", done, of),
            )
        sweep.sweep_garbage(self.layout, self._connection, self._clock())
        return found

    def tidy(self, stop: Callable[[], bool] = lambda: False) -> int:
        """Merge small files of days with many, in the background of whoever writes; how many fewer.

        Each group is read and written without a lock, which is held while the result takes its place.
        Begins no further group once `stop` says so. Raises RequestError as `compact` does.
        """

        fewer = compaction.merge(
            self.layout, self._connection, self._steps, self._clock, writing=self._writing, stop=stop
        )
        sweep.sweep_garbage(self.layout, self._connection, self._clock())
        return fewer

    def prunable(self, before: datetime) -> pruning.Pruned:
        """What `prune` would give up of the days that lie wholly before a time."""
        self.refresh()
        return pruning.due(self._connection, microseconds(before) // DAY)

    def prune(self, before: datetime) -> pruning.Pruned:
        """Give up the raw flows, names, logons and events of the days that lie wholly before a time; roll-ups
        stay.

        What something holds stays whole, and so do days whose roll-up is not. Disk is freed once no
        reader can be reading the files any more, with the next writing or rolling up an hour later.
        Raises RequestError where another process writes.
        """
        self.refresh()
        with self.still():
            found = pruning.prune(
                self.layout, self._connection, microseconds(before) // DAY, self._clock(), self._steps
            )
        sweep.sweep_garbage(self.layout, self._connection, self._clock())
        return found

    def pruned(self) -> dict[int, int]:
        """Days (numbers) whose raw flows were given up, and how many rows that were."""
        rows = self._connection.execute("SELECT day, pruned_rows FROM day WHERE pruned IS NOT NULL")
        return dict(rows.fetchall())

    def hold(self, name: str, connections: pa.Table, at: Iterable[datetime] = ()) -> int:
        """Keep all raw flows and names of the days on which connections (keys) were seen, and of the days
        of some instants, until `release`. How many days that is.
        """
        self.refresh()
        days = {*self._history.days(connections), *(microseconds(one) // DAY for one in at)}
        pruning.hold(self._connection, name, days, self._clock())
        return len(days)

    def release(self, name: str) -> None:
        """End what is held under a name."""
        pruning.release(self._connection, name)

    def hours(self) -> pa.Table:
        """Records per sensor and hour by its own clock: sensor, hour, flows, first, last."""
        self.refresh()
        return listing.hours(self._connection)

    def spans(self) -> pa.Table:
        """Times in which files show their sensor alive: sensor, begin, end."""
        return listing.spans(self._connection)

    def losses(self) -> pa.Table:
        """What was lost on the way, per sensor and hour of arrival: sensor, hour, received, lost, dropped.

        In the unit of the exporter's numbers (records; datagrams of v9 and sFlow). What no sensor alone
        has lost stands under an empty name.
        """
        return listing.losses(self._connection)

    def gaps(self) -> list[streams.Gap]:
        """Times of which sensors' records are known to have been received and not to have come here."""
        return streams.gaps(self._connection)

    def streams(self) -> streams.Streams:
        """What a collector must know to go on where the last commit ended."""
        with reading(self._connection):
            return streams.read(self._connection)

    def collected(self, content_sha256: str) -> bool:
        """Whether a file of several sensors with this content counts."""
        return recording.known(self._connection, content_sha256) is not None

    def offsets(self) -> dict[str, float]:
        """Seconds by which each sensor's clock is ahead, measured against the others; 0 where it
        shares no flow with any."""
        return listing.offsets(self._connection)

    def sightings(
        self,
        begin: datetime | None,
        end: datetime | None,
        epochs: Sequence[datetime],
        places: Places,
        limit: int = 1000,
    ) -> Sightings:
        """Which sensor saw which places talk in which week, and the networks that belong to nobody, at
        most `limit`; of whole days that touch the window. See `store.sightings`."""
        self.refresh()
        cuts = [microseconds(at) for at in epochs]
        bounds = self._window(begin, end)
        return sightings(self.layout, self._connection, self._engine, bounds, cuts, places, limit)

    def clocks(self, begin: datetime | None = None, end: datetime | None = None) -> list[ClockOffset]:
        """Each sensor's clock, as flows that several saw measured it on the days of a window; of all time
        where those days measured nothing."""
        first = None if begin is None else microseconds(begin) // DAY
        last = None if end is None else (microseconds(end) - 1) // DAY
        return listing.clocks_of(self._connection, first, last)

    def first_last(self, connections: pa.Table) -> pa.Table:
        """Of connections (keys) the first and last time in all evidence: keys, first, last."""
        self.refresh()
        return self._history.first_last(connections)

    def touching(self, ends: pa.Table, limit: int = 200_000, *, fresh: bool = True) -> pa.Table:
        """Connections of all time that have one of the ends (realm, hi, lo): keys, first, last, flows; at most
        `limit`, those with the most flows first. `fresh` as with `habits`."""
        if fresh:
            self.refresh()
        return self._history.touching(ends, limit)

    def serving(self, services: Sequence[tuple[int, int]], limit: int = 10_000) -> pa.Table:
        """Connections of all time of one of the services (protocol, port; 0 where it has none): keys, first,
        last, flows; at most `limit`, those with the most flows first."""
        self.refresh()
        return self._history.serving(services, limit)

    def flows_of(
        self,
        connections: pa.Table,
        begin: datetime | None = None,
        end: datetime | None = None,
        limit: int = 1000,
        each: int | None = None,
    ) -> Evidence:
        """The raw records behind connections (keys), in order of time, at most `limit` of them, and at
        most `each` of one connection.

        Every sensor's own record as it was read, with file, row and the file's hash; records of the
        other direction, which the audit turned round, are among them.
        """
        self.refresh()
        return self._history.flows_of(
            connections,
            None if begin is None else microseconds(begin),
            None if end is None else microseconds(end),
            limit,
            limit if each is None else each,
        )

    def translated(self, begin: datetime | None, end: datetime | None) -> pa.Table:
        """Whom addresses stood for by what gateways logged near [begin, end): realm, hi, lo of the host and
        seen_hi, seen_lo of what stood for it."""
        return self._history.translated(
            None if begin is None else microseconds(begin), None if end is None else microseconds(end)
        )

    def files_behind(self, connections: pa.Table) -> Behind:
        """Which files the raw records of connections (keys) were read from."""
        self.refresh()
        return self._history.files_behind(connections)

    def names(
        self,
        values: Collection[str],
        kinds: Collection[NameKind] = tuple(NameKind),
        begin: datetime | None = None,
        end: datetime | None = None,
        limit: int = 1000,
    ) -> Names:
        """Where any of the values was seen as a name, hash or fingerprint of one of the kinds.

        Values are compared whole, in the form in which they are kept. Rows are NAME_SCHEMA with `path` and
        `sha256` of their file, in order of time, at most `limit` of them, within [begin, end) of their
        sensor's clock.
        """
        start = None if begin is None else microseconds(begin)
        stop = None if end is None else microseconds(end)
        return self._naming.look_up(values, kinds, start, stop, limit)

    def called(
        self,
        values: Collection[str],
        ends: Collection[tuple[int, int]],
        begin: datetime | None = None,
        end: datetime | None = None,
        limit: int = 1000,
    ) -> Told:
        """Different names that are one of the values, and those that ends (hi, lo of any realm) were known by
        within [begin, end): with question or answer, clients, servers, times; the last seen first."""
        start = None if begin is None else microseconds(begin)
        stop = None if end is None else microseconds(end)
        return self._naming.told(values, ends, start, stop, limit)

    def names_seen(self, connections: pa.Table, limit: int = 1000) -> Names:
        """What was seen in the flows of connections (keys), at most `limit` different names: kind, value,
        times, first, last, sensors, and path, sha256, row of where it was seen first.

        A name belongs to a flow by the sensor's own name of the connection (uid). Where its sensor gave
        none of the flows such a name, by both ends, the port, and the time give or take a minute. Where no
        flow is on record, names of all time with these ends and this port are meant.
        """
        self.refresh()
        return self._naming.seen_in(connections, limit)

    def pairs_first(self, connections: pa.Table) -> pa.Array:
        """Of connections (keys), in their order, when their two hosts were first seen together in all
        evidence, whatever the service and whoever began it: microseconds, the largest number where never.
        """
        self.refresh()
        return self._history.pairs_first(connections)

    def responders(self, ends: pa.Table) -> pa.Table:
        """Which ends (realm, hi, lo) others asked, and since when (`first`), by roll-ups as they are."""
        return self._history.responders(ends)

    def begun_since(self, ends: pa.Table, before: int, most: int = 31) -> pa.Table | None:
        """Connections that ends (realm, hi, lo) are known to have opened, in raw flows of days before the day
        `before` whose roll-ups are behind: keys, first, last, flows. None where more than `most` days are.
        """
        return behind.begun(self.layout, self._connection, self._engine, ends, before, most)

    def files(self) -> pa.Table:
        """Every file taken or set aside, in the order they came."""
        return listing.files(self._connection)

    def rejects(self, limit: int = 1000, file: int | None = None) -> pa.Table:
        """Lines that could not be read: path, sensor, row, reason, text; of one file or of all."""
        with self._engine() as engine:
            return listing.rejects(self.layout, self._connection, engine, limit, file)

    def stats(self) -> listing.Stats:
        """Figures of the lake."""
        return listing.stats(self._connection)

    def damage(self) -> list[Damage]:
        """Files of the lake that are known not to be whole, or whose size says so; what they held is not
        answered for. `verify` reads every byte."""
        with reading(self._connection):
            return listing.lost(self._connection) + listing.misfits(self._connection, self.layout)

    def lost_days(self) -> pa.Table:
        """(sensor, day) whose raw flows lie in files that are known not to be whole."""
        return listing.lost_days(self._connection, [one.path for one in self.damage()])

    def verify(self, progress: Progress | None = None) -> list[Damage]:
        """Hash every file of the lake against the manifest; what is not whole is set aside and named."""
        with reading(self._connection):
            listed = whole.listed(self._connection)
        found = whole.check(self.layout, listed, progress or (lambda _what, _done, _all: None))
        refresh.record_damage(self._connection, found)
        return found

    @contextmanager
    def still(self) -> Iterator[None]:
        """Keep writers and rebuilds out, so that the files can be copied."""
        with (
            exclusive(self.layout.root / "write.lock", "writing to", self._timeout),
            exclusive(self.layout.root / "rollup.lock", "rolling up", self._timeout),
        ):
            yield

    def counted(self) -> list[str]:
        """Every Parquet file that counts and is not lost, relative to the lake's folder."""
        with reading(self._connection):
            listed = whole.listed(self._connection)
        lost = {one.path for one in self.damage()}
        return [one.path for one in listed if one.path not in lost]

    def prefixes(self, sensor: str) -> list[tuple[int, str, int]]:
        """(content size, content SHA-256, file) of a sensor's files, to find what a file grew from."""
        return recording.prefixes(self._connection, sensor)

    def close(self) -> None:
        """Close the manifest, and the engine elsewhere where one was asked."""
        self._connection.close()
        if self._elsewhere is not None:
            self._elsewhere.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _check_version(layout: Layout, *, create: bool, lock_timeout: float) -> None:
    try:
        text = layout.version.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        if not create:
            raise RequestError(
                f"there is no flow lake in {layout.root}", "take logs in with `sekisho ingest PATH`"
            ) from None
        _create(layout, lock_timeout)
        return
    except (OSError, ValueError) as error:
        raise IntegrityError(f"{layout.version} cannot be read: {error}") from error
    if not text.isdigit():
        raise IntegrityError(
            f"{layout.version} holds no version number", "restore the lake from a backup"
        )
    if int(text) > VERSION:
        raise RequestError(
            f"{layout.root} has version {text}; this program knows up to {VERSION}",
            "run the newer program that wrote it, or restore a backup of its time",
        )
    layout.make()


def _create(layout: Layout, lock_timeout: float) -> None:
    layout.root.mkdir(parents=True, exist_ok=True)
    with exclusive(layout.root / "write.lock", "making", lock_timeout):
        if layout.version.exists():
            return  # another process was quicker
        layout.make()
        # The version comes last: with it there is a lake, whatever moment the program was killed at.
        with closing(connect(layout.manifest, migrate=True, make=True)) as connection:
            if listing.stats(connection).files:
                raise IntegrityError(
                    f"{layout.root} has a manifest of files but no VERSION file",
                    "restore the lake from a backup",
                )
        temporary = layout.version.with_suffix(".new")
        temporary.write_text(f"{VERSION}\n", encoding="ascii")
        sync_file(temporary)
        temporary.replace(layout.version)
        sync_file(layout.root)
