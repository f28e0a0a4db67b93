"""Many small files of what stands beside the flows made into few, as is done with raw flows."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.errors import RequestError
from sekisho.store.layout import Layout, day_folder, new_run, remove_tree, sync_file, sync_folders
from sekisho.store.manifest import reading, transaction
from sekisho.store.refresh import record_damage
from sekisho.store.side_spool import MAX_BUFFERED, in_order, write
from sekisho.store.side_tables import SIDE_TABLES, SideTable
from sekisho.store.spool import date_of, measured
from sekisho.store.whole import Listed, check
from sekisho.store.writer import Steps

MAX_ROWS = 4 * MAX_BUFFERED
"""Rows put into one file, all of which are held in memory; a day with more keeps several."""

_SEVERAL = """
    SELECT path, day, rows, size, sha256 FROM side_file WHERE side = :side AND lost IS NULL AND day IN (
        SELECT day FROM side_file WHERE side = :side AND lost IS NULL GROUP BY day HAVING count(*) > 1
    ) ORDER BY day, id
"""


@dataclass(frozen=True, slots=True)
class SideCompacted:
    """Files of names, of logons and of events, and their bytes, before and after; `damaged` ones were left as
    they are."""

    files_before: int = 0
    files_after: int = 0
    size_before: int = 0
    size_after: int = 0
    damaged: int = 0


def compact_sides(
    layout: Layout, connection: sqlite3.Connection, steps: Steps, clock: Callable[[], int]
) -> SideCompacted:
    """Put what stands beside the flows of every day with several files into few.

    The caller holds the writers' lock. Each new file is one transaction. What is not what was
    written is set aside, never copied. Raises RequestError where the disk is full.
    """
    damaged = 0
    before: list[Listed] = []
    after: list[int] = []
    for table in SIDE_TABLES:
        with reading(connection):
            listed = [Listed(*row) for row in connection.execute(_SEVERAL, {"side": table.name})]
        damage = check(layout, listed, lambda _what, _done, _all: None)
        record_damage(connection, damage)
        damaged += len(damage)
        bad = {one.path for one in damage}
        for day in sorted({one.day for one in listed if one.day is not None}):
            whole = [one for one in listed if one.day == day and one.path not in bad]
            for group in _groups(whole, min(MAX_ROWS, table.most)):
                after.append(_put_together(layout, connection, steps, clock, table, day, group))
                before += group
    return SideCompacted(
        files_before=len(before),
        files_after=len(after),
        size_before=sum(one.size for one in before),
        size_after=sum(after),
        damaged=damaged,
    )


def _groups(files: Sequence[Listed], most: int) -> Iterator[list[Listed]]:
    """Files that fit into one, the smallest first; only where there are several."""
    group: list[Listed] = []
    for one in sorted(files, key=lambda one: one.rows):
        if group and sum(other.rows for other in group) + one.rows > most:
            if len(group) > 1:
                yield group
            group = []
        group.append(one)
    if len(group) > 1:
        yield group


def _put_together(
    layout: Layout,
    connection: sqlite3.Connection,
    steps: Steps,
    clock: Callable[[], int],
    table: SideTable,
    day: int,
    group: Sequence[Listed],
) -> int:
    """The size of the file that holds what these held."""
    run = new_run()
    folder = layout.staging / f"write-{run}"
    folder.mkdir()
    try:
        staged = folder / f"{run}-{table.mark}-{day}.parquet"
        found = pa.concat_tables([pq.read_table(layout.absolute(one.path)) for one in group])
        rows = sum(one.rows for one in group)
        if found.num_rows != rows:
            what = f"{found.num_rows} {table.name}"
            raise RuntimeError(f"{what} were read of {date_of(day)}: not {rows}")
        write(table, in_order(table, found), staged)
        until, span = table.until(found), table.span(found) or (None, None)
        sync_file(staged)
        size, sha256 = measured(staged)
        target = layout.root / table.name / day_folder(date_of(day)) / staged.name
        staged.rename(target)
        sync_folders([target.parent])
        steps(f"{table.name} compacted")
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise RequestError(
            f"no space left below {layout.root}: {date_of(day)} has its old files of {table.name}",
            "free disk space; a day needs as much again as they take",
        ) from error
    finally:
        remove_tree(folder)
    with transaction(connection):
        connection.execute(
            "INSERT INTO side_file (side, day, path, size, sha256, rows, until, begin, last)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(table.name, day, str(target.relative_to(layout.root)), size, sha256, rows, until),
                *span,
            ),
        )
        old = [(one.path,) for one in group]
        connection.executemany(
            "INSERT OR REPLACE INTO garbage VALUES (?, ?)", [(path, clock()) for (path,) in old]
        )
        connection.executemany("DELETE FROM side_file WHERE path = ?", old)
        steps(f"compacting {table.name}")
    steps(f"compaction of {table.name} counts")
    return size
