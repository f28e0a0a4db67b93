"""Keeping the connection-months: a month is summed up as its days come, and anew where one changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sekisho.store.engines.base import Engine
from sekisho.store.layout import (
    Layout,
    make_folder,
    new_run,
    remove_tree,
    sync_file,
    sync_folders,
)
from sekisho.store.manifest import transaction
from sekisho.store.queries import months, sources
from sekisho.store.queries.columns import DAY
from sekisho.store.snapshot import Damage, rollups, whole, wrong_size
from sekisho.store.spool import date_of, day_of, measured
from sekisho.store.writer import Steps


@dataclass(slots=True)
class _Month:
    """What a month is to hold and holds: paths of roll-ups by day; `path` is its own, where it is whole."""

    wanted: dict[int, str] = field(default_factory=dict)
    held: dict[int, str] = field(default_factory=dict)
    path: str | None = None

    @property
    def behind(self) -> bool:
        """Whether it is not what it should be. With flows on one day only it should not be."""
        return self.held != (self.wanted if len(self.wanted) > 1 else {})


def month_of(day: int) -> int:
    """The number of the first day of a day's month."""
    return day_of(date_of(day).replace(day=1))


def days_in(month: int) -> int:
    """How many days the month has that begins on a day."""
    first = date_of(month)
    return ((first + timedelta(days=31)).replace(day=1) - first).days


def refresh(
    layout: Layout,
    connection: sqlite3.Connection,
    engine: Callable[[], Engine],
    steps: Steps,
    clock: Callable[[], int],
) -> None:
    """Bring every month up to its days' roll-ups. The caller holds the rebuilders' lock.

    New days are added to what a month holds; where a day that it holds was built anew, the month is
    made anew from its days. A month with flows on one day only needs none. Each month is one
    transaction: killed at any moment, it is as it was.
    """
    months_behind = behind(layout, connection)
    if not months_behind:
        return
    with engine() as open_engine:
        for month, found in sorted(months_behind.items()):
            _sum_up(layout, connection, open_engine, steps, clock, month, found)


def behind(layout: Layout, connection: sqlite3.Connection) -> dict[int, _Month]:
    """The months that are not up to their days' roll-ups."""
    return {month: found for month, found in _months(layout, connection).items() if found.behind}


def broken(layout: Layout, connection: sqlite3.Connection) -> list[Damage]:
    """Roll-ups that months are to be made from and that are not whole."""
    found = [
        rollup
        for month in behind(layout, connection)
        for rollup in rollups(connection, month, month + days_in(month) - 1)
    ]
    return whole(layout, found)[1]


def _months(layout: Layout, connection: sqlite3.Connection) -> dict[int, _Month]:
    found: dict[int, _Month] = {}
    for day, path in connection.execute("SELECT day, path FROM rollup WHERE lost IS NULL"):
        found.setdefault(month_of(day), _Month()).wanted[day] = path
    for month, path, size in connection.execute("SELECT month, path, size FROM month"):
        of_month = found.setdefault(month, _Month())
        of_month.path = None if wrong_size(layout, path, size) else path
    for month, day, path in connection.execute("SELECT month, day, rollup FROM month_day"):
        if month in found and found[month].path is not None:
            found[month].held[day] = path
    return found


def _sum_up(
    layout: Layout,
    connection: sqlite3.Connection,
    engine: Engine,
    steps: Steps,
    clock: Callable[[], int],
    month: int,
    found: _Month,
) -> None:
    held = found.held if found.held.items() <= found.wanted.items() else {}
    added = [layout.absolute(path) for day, path in sorted(found.wanted.items()) if day not in held]
    target = None
    rows = 0
    if len(found.wanted) > 1:
        before = layout.absolute(found.path) if held and found.path is not None else None
        target, rows = _write(layout, engine, steps, month, added, before)
    with transaction(connection):
        connection.execute(
            "INSERT OR REPLACE INTO garbage SELECT path, ? FROM month WHERE month = ?", (clock(), month)
        )
        connection.execute("DELETE FROM month_day WHERE month = ?", (month,))
        connection.execute("DELETE FROM month WHERE month = ?", (month,))
        if target is not None:
            size, sha256 = measured(target)
            connection.execute(
                "INSERT INTO month (month, path, size, sha256, rows) VALUES (?, ?, ?, ?, ?)",
                (month, str(target.relative_to(layout.root)), size, sha256, rows),
            )
            connection.executemany(
                "INSERT INTO month_day VALUES (?, ?, ?)",
                [(month, day, path) for day, path in found.wanted.items()],
            )
        steps("summing up")
    steps("summed up")


def _write(
    layout: Layout, engine: Engine, steps: Steps, month: int, added: list[Path], before: Path | None
) -> tuple[Path, int]:
    parts = []
    if added:
        parts.append(f"SELECT * EXCLUDE (level) FROM ({months.rows_of_days(sources.parquet(added))})")
    if before is not None:
        parts.append(f"SELECT * FROM {sources.parquet([before])}")
    counted, views, ordered = months.month(f"({' UNION ALL BY NAME '.join(parts)})", month * DAY)
    engine.run(counted)
    engine.run(views)
    rows: int = engine.fetch("SELECT count(*) AS n FROM connection_months")["n"][0].as_py()
    folder = layout.staging / f"rollup-{new_run()}"
    folder.mkdir()
    try:
        staged = folder / f"{new_run()}-{month}.parquet"
        engine.write(ordered, staged)
        engine.run("DROP TABLE connection_months")
        sync_file(staged)
        steps("month built")
        target = layout.months / f"month={date_of(month):%Y-%m}" / staged.name
        make_folder(target.parent, layout.root)
        staged.rename(target)
        sync_folders([target.parent])
        steps("month moved")
    finally:
        remove_tree(folder)
    return target, rows
