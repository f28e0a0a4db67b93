"""Many small files of names made into few, as is done with raw flows."""

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
from sekisho.store.name_spool import MAX_BUFFERED, in_order, write
from sekisho.store.refresh import record_damage
from sekisho.store.spool import date_of, measured
from sekisho.store.whole import Listed, check
from sekisho.store.writer import Steps

MAX_ROWS = 4 * MAX_BUFFERED
"""Rows of names put into one file, all of which are held in memory; a day with more keeps several."""


@dataclass(frozen=True, slots=True)
class NamesCompacted:
    """Files of names and their bytes, before and after; `damaged` ones were left as they are."""

    files_before: int = 0
    files_after: int = 0
    size_before: int = 0
    size_after: int = 0
    damaged: int = 0


def compact_names(
    layout: Layout, connection: sqlite3.Connection, steps: Steps, clock: Callable[[], int]
) -> NamesCompacted:
    """Put the names of every day with several files into few. The caller holds the writers' lock.

    Each new file is one transaction. What is not what was written is set aside, never copied. Raises
    RequestError where the disk is full.
    """
    with reading(connection):
        listed = [
            Listed(path, day, rows, size, sha256)
            for path, day, rows, size, sha256 in connection.execute(
                "SELECT path, day, rows, size, sha256 FROM name_file WHERE lost IS NULL"
                " AND day IN (SELECT day FROM name_file WHERE lost IS NULL GROUP BY day HAVING count(*) > 1)"
                " ORDER BY day, id"
            )
        ]
    damage = check(layout, listed, lambda _what, _done, _all: None)
    record_damage(connection, damage)
    bad = {one.path for one in damage}
    before: list[Listed] = []
    after: list[int] = []
    for day in sorted({one.day for one in listed if one.day is not None}):
        whole = [one for one in listed if one.day == day and one.path not in bad]
        for group in _groups(whole):
            after.append(_put_together(layout, connection, steps, clock, day, group))
            before += group
    return NamesCompacted(
        files_before=len(before),
        files_after=len(after),
        size_before=sum(one.size for one in before),
        size_after=sum(after),
        damaged=len(damage),
    )


def _groups(files: Sequence[Listed]) -> Iterator[list[Listed]]:
    """Files that fit into one, the smallest first; only where there are several."""
    group: list[Listed] = []
    for one in sorted(files, key=lambda one: one.rows):
        if group and sum(other.rows for other in group) + one.rows > MAX_ROWS:
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
    day: int,
    group: Sequence[Listed],
) -> int:
    """The size of the file that holds what these held."""
    run = new_run()
    folder = layout.staging / f"write-{run}"
    folder.mkdir()
    try:
        staged = folder / f"{run}-n-{day}.parquet"
        names = pa.concat_tables([pq.read_table(layout.absolute(one.path)) for one in group])
        rows = sum(one.rows for one in group)
        if names.num_rows != rows:
            raise RuntimeError(f"{names.num_rows} names were read of {date_of(day)}: not {rows}")
        write(in_order(names), staged)
        sync_file(staged)
        size, sha256 = measured(staged)
        target = layout.names / day_folder(date_of(day)) / staged.name
        staged.rename(target)
        sync_folders([target.parent])
        steps("names compacted")
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise RequestError(
            f"no space left below {layout.root}: {date_of(day)} has its old files of names",
            "free disk space; a day needs as much again as its names take",
        ) from error
    finally:
        remove_tree(folder)
    with transaction(connection):
        connection.execute(
            "INSERT INTO name_file (day, path, size, sha256, rows) VALUES (?, ?, ?, ?, ?)",
            (day, str(target.relative_to(layout.root)), size, sha256, rows),
        )
        old = [(one.path,) for one in group]
        connection.executemany(
            "INSERT OR REPLACE INTO garbage VALUES (?, ?)", [(path, clock()) for (path,) in old]
        )
        connection.executemany("DELETE FROM name_file WHERE path = ?", old)
        steps("compacting names")
    steps("compaction of names counts")
    return size
