"""Rebuilding the roll-ups of days that changed, day by day, each in one transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sekisho.store import building, logged_translations, recording, snapshot, timekeeping
from sekisho.store.base import SensorTraits
from sekisho.store.clocks import MEMORY
from sekisho.store.engines.base import Engine
from sekisho.store.layout import (
    Layout,
    day_folder,
    make_folder,
    new_run,
    remove_tree,
    sync_file,
    sync_folders,
)
from sekisho.store.manifest import reading, transaction
from sekisho.store.queries.columns import DAY, ENDS
from sekisho.store.recording import REACH_DAYS
from sekisho.store.snapshot import Damage
from sekisho.store.spool import date_of, measured
from sekisho.store.writer import Steps

Progress = Callable[[int, int], None]
"""Told (days done, days in all)."""


def day_sources(
    layout: Layout, listed: snapshot.Listed, day: int
) -> tuple[building.DaySources, list[Damage]]:
    """What a day is to be built from, and which files of it are not whole."""
    found = [one for one in listed.segments if day - REACH_DAYS <= one.day <= day + 2]
    # Far days matter only where a flow of theirs lasts until near this one.
    found = [s for s in found if abs(s.day - day) <= 2 or s.last_end >= (day - 1) * DAY]
    good, bad = snapshot.whole(layout, found)
    own = [segment for segment in good if segment.day == day]
    near = [segment for segment in good if segment.day != day]
    days = {segment.day for segment in good}
    superseded = [(file, row) for file, row, when in listed.exclusions if when is None or when in days]
    clocks = tuple(clock for when, clock in listed.clocks if when == day)
    named = logged_translations.paths(layout, listed.translating, day, day)
    return building.DaySources(
        day, own, near, superseded, listed.traits, clocks=clocks, names=named
    ), bad


def rebuild(
    layout: Layout,
    connection: sqlite3.Connection,
    engine: Engine,
    steps: Steps,
    clock: Callable[[], int],
    progress: Progress,
) -> None:
    """Rebuild every day that is dirty, and those whose clocks are known better from the days that were.
    The caller holds the rebuilders' lock.

    A day whose flows change meanwhile stays dirty; killed at any moment, so does the day at work.
    """
    _rebuild_dirty(layout, connection, engine, steps, clock, progress)
    if timekeeping.soil_outdated(connection):
        _rebuild_dirty(layout, connection, engine, steps, clock, progress)


def _rebuild_dirty(
    layout: Layout,
    connection: sqlite3.Connection,
    engine: Engine,
    steps: Steps,
    clock: Callable[[], int],
    progress: Progress,
) -> None:
    days = snapshot.dirty_days(connection)
    for done, (day, dirt) in enumerate(days):
        progress(done, len(days))
        folder = layout.staging / f"rollup-{new_run()}"
        folder.mkdir()
        try:
            _rebuild_day(layout, connection, engine, steps, clock, day, dirt, folder)
        finally:
            remove_tree(folder)
    if days:
        progress(len(days), len(days))


def _rebuild_day(
    layout: Layout,
    connection: sqlite3.Connection,
    engine: Engine,
    steps: Steps,
    clock: Callable[[], int],
    day: int,
    dirt: int,
    folder: Any,
) -> None:
    with reading(connection):
        listed = snapshot.listed(connection, day, day)
        pairs = timekeeping.measured(connection, day - MEMORY, day + MEMORY)
    day_from, damage = day_sources(layout, listed, day)
    record_damage(connection, damage)
    base = _base(layout, connection, day)
    if not day_from.own and _pruned(connection, day):
        with transaction(connection):
            if base is not None:
                _reinstate(connection, day)
            connection.execute("UPDATE day SET built = ? WHERE day = ?", (dirt, day))
        return
    day_from = replace(day_from, pairs=pairs)
    built = building.Built()
    hours: list[dict[str, Any]] = []
    target = None
    rows = 0
    if day_from.own:
        built = building.build(engine, layout, day_from)
        if base is not None:
            building.add_to(engine, base, day)
        rows = engine.fetch(f"SELECT count(*) AS n FROM {building.RESULT}")["n"][0].as_py()
        hours = building.hours(engine, layout, day_from)
    if rows:
        staged = folder / f"{new_run()}-{day}.parquet"
        # In the order of their ends, so that a look for some connections reads some row groups.
        engine.write(f"SELECT * FROM {building.RESULT} ORDER BY {ENDS}", staged)
        sync_file(staged)
        steps("built")
        target = layout.rollups / day_folder(date_of(day)) / staged.name
        make_folder(target.parent, layout.root)
        staged.rename(target)
        sync_folders([target.parent])
        steps("moved")
    with transaction(connection):
        connection.execute(
            "INSERT OR REPLACE INTO garbage SELECT path, ? FROM rollup"
            " WHERE day = ? AND path NOT IN (SELECT path FROM base)",
            (clock(), day),
        )
        connection.execute("DELETE FROM rollup WHERE day = ?", (day,))
        if target is not None:
            size, sha256 = measured(target)
            connection.execute(
                "INSERT INTO rollup (day, path, size, sha256, rows) VALUES (?, ?, ?, ?, ?)",
                (day, str(target.relative_to(layout.root)), size, sha256, rows),
            )
        connection.execute("DELETE FROM hour WHERE day = ?", (day,))
        connection.execute("INSERT INTO hour SELECT * FROM base_hour WHERE day = ?", (day,))
        connection.executemany(
            f"INSERT INTO hour VALUES ({day}, :sensor, :hour, :flows, :first, :last)"
            " ON CONFLICT DO UPDATE SET flows = flows + excluded.flows,"
            " first = min(first, excluded.first), last = max(last, excluded.last)",
            hours,
        )
        if base is None:
            timekeeping.keep(connection, day, built.clocks, built.pairs)
        connection.execute("UPDATE day SET built = ? WHERE day = ?", (dirt, day))
        steps("rebuilding")
    steps("rebuilt")


def _pruned(connection: sqlite3.Connection, day: int) -> bool:
    found = connection.execute("SELECT 1 FROM day WHERE day = ? AND pruned IS NOT NULL", (day,))
    return found.fetchone() is not None


def _base(layout: Layout, connection: sqlite3.Connection, day: int) -> Path | None:
    """What the raw flows of a day that were given up came to."""
    found = connection.execute(
        "SELECT path, size, rows FROM base WHERE day = ? AND lost IS NULL", (day,)
    ).fetchone()
    if found is None:
        return None
    path, size, rows = found
    reason = snapshot.wrong_size(layout, path, size)
    if reason is not None:
        record_damage(connection, [Damage(path, day, rows, reason)])
        return None
    return layout.absolute(path)


def _reinstate(connection: sqlite3.Connection, day: int) -> None:
    """Where a day of which nothing else is left has lost its roll-up, what its flows came to is it."""
    if connection.execute("SELECT 1 FROM rollup WHERE day = ?", (day,)).fetchone():
        return
    connection.execute(
        "INSERT INTO rollup (day, path, size, sha256, rows)"
        " SELECT day, path, size, sha256, rows FROM base WHERE day = ?",
        (day,),
    )
    connection.execute("DELETE FROM hour WHERE day = ?", (day,))
    connection.execute("INSERT INTO hour SELECT * FROM base_hour WHERE day = ?", (day,))


def record_damage(connection: sqlite3.Connection, damage: list[Damage]) -> None:
    """Set files aside that are not whole: a roll-up is made anew; raw flows, and what those that were
    given up came to, stay named as lost."""
    if not damage:
        return
    with transaction(connection):
        for one in damage:
            connection.execute("UPDATE segment SET lost = ? WHERE path = ?", (one.reason, one.path))
            connection.execute("UPDATE reject_file SET lost = ? WHERE path = ?", (one.reason, one.path))
            connection.execute("UPDATE side_file SET lost = ? WHERE path = ?", (one.reason, one.path))
            connection.execute("UPDATE base SET lost = ? WHERE path = ?", (one.reason, one.path))
            connection.execute("DELETE FROM month WHERE path = ?", (one.path,))
            known = connection.execute("SELECT day FROM rollup WHERE path = ?", (one.path,)).fetchone()
            if known:
                connection.execute("DELETE FROM rollup WHERE path = ?", (one.path,))
                recording.soil_days(connection, known)


def store_traits(connection: sqlite3.Connection, traits: Mapping[str, SensorTraits]) -> None:
    """Keep the traits; days on which one of several sensors changed its home, or any what stands for
    others in its records, are to be rebuilt."""
    old = snapshot.traits(connection)
    changed = sorted(
        name
        for name in old.keys() | traits.keys()
        if old.get(name, SensorTraits()).home != traits.get(name, SensorTraits()).home
    )
    if old == dict(traits):
        return
    with transaction(connection):
        connection.execute("DELETE FROM traits")
        connection.executemany(
            "INSERT INTO traits VALUES (?, ?)",
            [(name, json.dumps(asdict(trait))) for name, trait in sorted(traits.items())],
        )
        for name in changed:
            # The clock table lists the sensors of every day that has several.
            days = connection.execute("SELECT day FROM clock WHERE sensor = ?", (name,)).fetchall()
            recording.soil_days(connection, [day for (day,) in days])
        for name in old.keys() | traits.keys():
            before, now = (of.get(name, SensorTraits()).translated for of in (old, traits))
            if before != now:
                seen = connection.execute("SELECT DISTINCT day FROM hour WHERE sensor = ?", (name,))
                recording.soil_days(connection, [day for (day,) in seen.fetchall()])
