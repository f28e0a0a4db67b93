"""Questions about single connections over all time, and the raw records behind them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from sekisho.model.flows import TIME
from sekisho.store import logged_translations, shapes, snapshot
from sekisho.store.engines.base import Engine
from sekisho.store.layout import Layout
from sekisho.store.manifest import reading
from sekisho.store.portable_history import PortableHistory
from sekisho.store.queries import history
from sekisho.store.queries.columns import DAY
from sekisho.store.queries.sources import parquet
from sekisho.store.queries.translating import OWN
from sekisho.store.shapes import CONNECTIONS, conformed, record_table
from sekisho.store.snapshot import Damage
from sekisho.store.translations import translations

ENDS = pa.schema([("realm", pa.string()), ("hi", pa.int64()), ("lo", pa.int64())])
"""Addresses, as questions take them."""
RESPONDERS = pa.schema([*ENDS, ("first", TIME)])
NEVER = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Evidence:
    """Raw records: FLOW_SCHEMA with `path`, `sha256` and `sensor` of their file, in order of time.

    `total` is how many there are, `flows` may hold fewer. `damage` names files that could not answer,
    `pruned` the days (numbers) whose records were given up. `own` are the ends that are meant, parallel to
    `flows`.
    """

    flows: pa.Table
    total: int
    damage: tuple[Damage, ...] = ()
    pruned: tuple[int, ...] = ()
    own: pa.Table | None = None

    @property
    def meant(self) -> pa.Table:
        """The flows with the ends that are meant where they were logged with others."""
        flows, own = self.flows, self.own
        if own is None:
            return flows
        for name in OWN:
            place = flows.schema.get_field_index(name)
            column = own[name].cast(flows.schema.field(name).type)
            flows = flows.set_column(place, flows.schema.field(name), column)
        return flows


@dataclass(frozen=True, slots=True)
class Behind:
    """Files that connections were read from: (number, sensor). `damage` names files of the lake that
    could not answer, `pruned` the days (numbers) whose records were given up."""

    files: frozenset[tuple[int, str]]
    damage: tuple[Damage, ...] = ()
    pruned: tuple[int, ...] = ()


class History:
    """Reads roll-ups of all days and raw flows of the days that matter; roll-ups are up to date.

    Roll-ups are asked `elsewhere` where there is such a thing, raw flows by the embedded engine.
    """

    def __init__(
        self,
        layout: Layout,
        connection: sqlite3.Connection,
        engine: Callable[[], Engine],
        elsewhere: PortableHistory | None = None,
    ) -> None:
        self._layout = layout
        self._connection = connection
        self._engine = engine
        self._elsewhere = elsewhere

    def first_last(self, connections: pa.Table) -> pa.Table:
        """Keys, first, last (of those that were seen at all)."""
        asked = conformed(connections, CONNECTIONS)
        months, days, _ = self.files()
        if not asked.num_rows or not (months or days):
            return shapes.FIRST_LAST.empty_table()
        if self._elsewhere is not None:
            return self._elsewhere.first_last(months, days, asked)
        with self._engine() as engine:
            engine.register("asked", asked)
            question = history.first_last(history.rows(months, days))
            return engine.fetch(question).cast(shapes.FIRST_LAST)

    def pairs_first(self, connections: pa.Table) -> pa.Array:
        """Of each connection when its two ends were first seen together; microseconds. Roll-ups of all
        days, by the embedded engine."""
        asked = conformed(connections, CONNECTIONS)
        months, days, _ = self.files()
        if not asked.num_rows or not (months or days):
            return pa.array([NEVER] * asked.num_rows, pa.int64())
        with self._engine() as engine:
            numbers = pa.array(range(asked.num_rows), pa.int64())
            engine.register("asked", asked.append_column("number", numbers))
            found = engine.fetch(history.pairs_first(history.rows(months, days), NEVER))
            return found["first"].cast(pa.int64()).combine_chunks()

    def touching(self, ends: pa.Table, limit: int) -> pa.Table:
        """Keys, first, last, flows of connections with one of the ends."""
        asked = conformed(ends, ENDS)
        months, days, _ = self.files()
        if not asked.num_rows or not (months or days):
            return shapes.TOUCHING.empty_table()
        if self._elsewhere is not None:
            return self._elsewhere.touching(months, days, asked, limit)
        with self._engine() as engine:
            engine.register("asked", asked)
            question = history.touching(history.rows(months, days))
            return engine.fetch(question, [limit]).cast(shapes.TOUCHING)

    def serving(self, services: Sequence[tuple[int, int]], limit: int) -> pa.Table:
        """Keys, first, last, flows of connections of one of the services (protocol, port)."""
        months, days, _ = self.files()
        if not services or not (months or days):
            return shapes.TOUCHING.empty_table()
        if self._elsewhere is not None:
            return self._elsewhere.serving(months, days, services, limit)
        with self._engine() as engine:
            question = history.serving(history.rows(months, days), services)
            return engine.fetch(question, [limit]).cast(shapes.TOUCHING)

    def responders(self, ends: pa.Table) -> pa.Table:
        """Those of some ends that were asked by others: RESPONDERS. By the embedded engine."""
        asked = conformed(ends, ENDS)
        months, days, _ = self.files()
        if not asked.num_rows or not (months or days):
            return RESPONDERS.empty_table()
        with self._engine() as engine:
            engine.register("asked", asked)
            return engine.fetch(history.responders(history.rows(months, days))).cast(RESPONDERS)

    def days(self, connections: pa.Table) -> list[int]:
        """Day numbers on which any of the connections was seen, and those beside them: a sensor's own
        clock may put its record there."""
        days = self._seen_on(conformed(connections, CONNECTIONS))
        return sorted({near for day in days for near in (day - 1, day, day + 1)})

    def _seen_on(self, asked: pa.Table) -> set[int]:
        paths = self._rollups()
        if not asked.num_rows or not paths:
            return set()
        if self._elsewhere is not None:
            return self._elsewhere.days(paths, asked)
        with self._engine() as engine:
            engine.register("asked", asked)
            return set(engine.fetch(history.days(paths))["day"].to_pylist())

    def flows_of(
        self, connections: pa.Table, begin: int | None, end: int | None, limit: int, each: int
    ) -> Evidence:
        """Raw records of connections within [begin, end) microseconds of their own sensor's clock."""
        asked = conformed(connections, CONNECTIONS)
        days = self._seen_on(asked)
        near = {near for day in days for near in (day - 1, day, day + 1) if _within(near, begin, end)}
        good, bad, files, superseded = self._segments(near)
        pruned = tuple(sorted(near & days & self._pruned()))
        if not good:
            return Evidence(shapes.RECORDS.empty_table(), 0, tuple(bad), pruned)
        with self._engine() as engine:
            engine.register("asked", asked)
            engine.register("files", files)
            engine.register("superseded", superseded)
            paths = [self._layout.absolute(one.path) for one in good]
            turned = self._translated(engine, paths, near)
            engine.run(history.records(paths, begin, end, translated=turned))
            total = engine.fetch("SELECT count(*) AS n FROM records")["n"][0].as_py()
            flows = engine.fetch(history.ORDERED, [limit, each])
        own = flows.select([f"own_{name}" for name in OWN]).rename_columns(list(OWN))
        flows = flows.select(shapes.RECORDS.names).cast(shapes.RECORDS)
        return Evidence(flows, total, tuple(bad), pruned, own)

    def files_behind(self, connections: pa.Table) -> Behind:
        """Which files the raw records of connections were read from, and the days that cannot tell."""
        asked = conformed(connections, CONNECTIONS)
        days = self._seen_on(asked)
        near = {near for day in days for near in (day - 1, day, day + 1)}
        good, bad, _, superseded = self._segments(near)
        pruned = tuple(sorted(days & self._pruned()))
        if not good:
            return Behind(frozenset(), tuple(bad), pruned)
        with self._engine() as engine:
            engine.register("asked", asked)
            engine.register("superseded", superseded)
            paths = [self._layout.absolute(one.path) for one in good]
            turned = self._translated(engine, paths, near)
            found = engine.fetch(history.files(paths, translated=turned))
        pairs = zip(found["file"].to_pylist(), found["sensor"].to_pylist(), strict=True)
        return Behind(frozenset(pairs), tuple(bad), pruned)

    def put_records(self, engine: Engine, connections: pa.Table, days: Collection[int]) -> bool:
        """Table `records` of an engine: the raw records of connections on some days; False where there
        are none."""
        good, _, files, superseded = self._segments(set(days))
        if not good:
            return False
        engine.register("asked", conformed(connections, CONNECTIONS))
        engine.register("files", files)
        engine.register("superseded", superseded)
        paths = [self._layout.absolute(one.path) for one in good]
        turned = self._translated(engine, paths, days)
        engine.run(history.records(paths, None, None, translated=turned))
        return True

    def translated(self, begin: int | None, end: int | None) -> pa.Table:
        """LOGGED_ENDS that gateways logged on the days of [begin, end) (microseconds) and those beside."""
        first = snapshot.ALWAYS[0] if begin is None else begin // DAY
        last = snapshot.ALWAYS[1] if end is None else end // DAY
        with reading(self._connection):
            listed = snapshot.translating(self._connection, first, last)
            out = self._connection.execute("SELECT DISTINCT file, row FROM exclusion").fetchall()
        good = logged_translations.paths(self._layout, listed, first, last)
        if not good:
            return logged_translations.distinct(None)
        with self._engine() as engine:
            engine.register("superseded", record_table(out))
            return logged_translations.distinct(logged_translations.logged(engine, good))

    def _translated(self, engine: Engine, paths: Sequence[Path], days: Collection[int]) -> bool:
        """Tables `translations` and `resolved` for the rows of files of some days; whether any speaks."""
        with reading(self._connection):
            seen = translations(snapshot.traits(self._connection))
            listed = snapshot.translating(self._connection, min(days), max(days))
        named = {
            path for day in days for path in logged_translations.paths(self._layout, listed, day, day)
        }
        told = logged_translations.logged(engine, sorted(named))
        engine.register("translations", seen)
        logged_translations.resolve(engine, parquet(paths), told)
        return seen.num_rows > 0 or told is not None

    def _pruned(self) -> set[int]:
        rows = self._connection.execute("SELECT day FROM day WHERE pruned IS NOT NULL")
        return {day for (day,) in rows}

    def files(
        self, first: int | None = None, last: int | None = None
    ) -> tuple[list[Path], list[Path], list[Damage]]:
        """What holds all rows of all time, or of the days (numbers) first to last: months, days that none
        of these sums up, and which of the days cannot answer."""
        begin = snapshot.ALWAYS[0] if first is None else first
        end = snapshot.ALWAYS[1] if last is None else last
        with reading(self._connection):
            days = snapshot.rollups(self._connection, begin, end)
            months = snapshot.months(self._connection, begin, end)
        whole = [one for one in months if snapshot.wrong_size(self._layout, one.path, one.size) is None]
        summed = {day for month in whole for day in month.days}
        good, bad = snapshot.whole(self._layout, [one for one in days if one.day not in summed])
        months_of = [self._layout.absolute(one.path) for one in whole]
        return months_of, [self._layout.absolute(one.path) for one in good], bad

    def _rollups(self) -> list[Path]:
        with reading(self._connection):
            listed = snapshot.rollups(self._connection, *snapshot.ALWAYS)
        good, _ = snapshot.whole(self._layout, listed)
        return [self._layout.absolute(one.path) for one in good]

    def _segments(
        self, wanted: set[int]
    ) -> tuple[list[snapshot.Segment], list[Damage], pa.Table, pa.Table]:
        with reading(self._connection):
            found = snapshot.segments(self._connection, min(wanted), max(wanted)) if wanted else []
            rows = self._connection.execute(
                "SELECT id, path, content_sha256 FROM file WHERE id IN (SELECT f.file"
                " FROM segment s JOIN segment_file f ON f.segment = s.id WHERE s.day BETWEEN ? AND ?)",
                (min(wanted, default=0), max(wanted, default=0)),
            ).fetchall()
            out = snapshot.exclusions(self._connection, wanted)
        good, bad = snapshot.whole(self._layout, [s for s in found if s.day in wanted])
        files = pa.table(
            {
                "file": pa.array([row[0] for row in rows], pa.int32()),
                "path": pa.array([row[1] for row in rows], pa.string()),
                "sha256": pa.array([row[2] for row in rows], pa.string()),
            }
        )
        return good, bad, files, record_table(out)


def _within(day: int, begin: int | None, end: int | None) -> bool:
    """Whether any of the day lies in a window."""
    return (begin is None or (day + 1) * DAY > begin) and (end is None or day * DAY < end)
