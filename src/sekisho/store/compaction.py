"""Many small files of raw flows made into few: what a day's rotated logs left behind."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.errors import RequestError
from sekisho.store import tiers
from sekisho.store.layout import Layout, day_folder, new_run, remove_tree, sync_file, sync_folders
from sekisho.store.manifest import reading, transaction
from sekisho.store.refresh import record_damage
from sekisho.store.side_compaction import SideCompacted, compact_sides
from sekisho.store.snapshot import ALWAYS, Segment, segments
from sekisho.store.spool import ROW_GROUP, by_port, date_of, labelled, measured, parquet_writer
from sekisho.store.whole import Listed, check
from sekisho.store.writer import Steps

_READ = 65_536
"""Rows read at once."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """What was done: days, files of raw flows and their bytes, before and after. `damaged` files were
    found not to be what was written, and left as they are. `names` is the same of what stands
    beside them: files of names and of logons."""

    days: int
    files_before: int
    files_after: int
    size_before: int
    size_after: int
    damaged: int
    names: SideCompacted


def compact(
    layout: Layout,
    connection: sqlite3.Connection,
    steps: Steps,
    clock: Callable[[], int],
    progress: Callable[[int, int], None],
) -> Compacted:
    """Put the raw flows, and what stands beside them, of every day with several files into one.

    The caller holds the writers' lock. Rows and what they say stay the same, so roll-ups do too. Each day is
    one transaction; killed at any moment, it has its old files. A file that is not what was written is set
    aside, never copied: its copy would pass for whole. Raises RequestError where the disk is full.
    """
    with reading(connection):
        listed = segments(connection, *ALWAYS)
    of_day: dict[int, list[Segment]] = {}
    for segment in listed:
        of_day.setdefault(segment.day, []).append(segment)
    several = {day: found for day, found in sorted(of_day.items()) if len(found) > 1}
    before: list[Segment] = []
    days = size_after = damaged = 0
    for done, (day, found) in enumerate(several.items()):
        progress(done, len(several))
        damage = check(layout, [_listed(one) for one in found], lambda _what, _done, _all: None)
        record_damage(connection, damage)
        damaged += len(damage)
        bad = {one.path for one in damage}
        whole = [one for one in found if one.path not in bad]
        if len(whole) > 1:
            size_after += _compact_day(layout, connection, steps, clock, day, whole)
            before += whole
            days += 1
    progress(len(several), len(several))
    return Compacted(
        days=days,
        files_before=len(before),
        files_after=days,
        size_before=sum(segment.size for segment in before),
        size_after=size_after,
        damaged=damaged,
        names=compact_sides(layout, connection, steps, clock),
    )


def _listed(segment: Segment) -> Listed:
    return Listed(segment.path, segment.day, segment.rows, segment.size, segment.sha256)


def _compact_day(
    layout: Layout,
    connection: sqlite3.Connection,
    steps: Steps,
    clock: Callable[[], int],
    day: int,
    found: Sequence[Segment],
) -> int:
    run = new_run()
    folder = layout.staging / f"write-{run}"
    with _staged(layout, folder, f"{run}-c-{day}.parquet", found) as staged:
        return _replace(layout, connection, steps, clock, staged, found)


def merge(
    layout: Layout,
    connection: sqlite3.Connection,
    steps: Steps,
    clock: Callable[[], int],
    *,
    writing: Callable[[], AbstractContextManager[None]],
    stop: Callable[[], bool],
) -> int:
    """Merge small files of days with many, by size (see `tiers`); how many files are fewer now.

    Others may write meanwhile: `writing` holds the writers' lock, only while a merged file takes the
    place of its parts. A group of which something is not whole is left alone; readers see either the
    parts or the whole. Raises RequestError where the disk is full or a writer goes on for too long.
    """
    days = connection.execute(
        "SELECT day FROM segment WHERE lost IS NULL GROUP BY day HAVING count(*) > ? ORDER BY day DESC",
        (tiers.FEW,),
    ).fetchall()
    fewer = 0
    for (day,) in days:
        for found in tiers.due(segments(connection, day, day)):
            if stop():
                return fewer
            damage = check(layout, [_listed(one) for one in found], lambda _what, _done, _all: None)
            record_damage(connection, damage)
            run = new_run()
            folder = layout.staging / f"compact-{os.getpid()}-{run}"
            if damage:
                continue
            with _staged(layout, folder, f"{run}-c-{day}.parquet", found) as staged, writing():
                if _still_listed(connection, found):
                    _replace(layout, connection, steps, clock, staged, found)
                    fewer += len(found) - 1
    return fewer


def _still_listed(connection: sqlite3.Connection, found: Sequence[Segment]) -> bool:
    """Whether nobody gave up or merged any of them meanwhile."""
    numbers = [segment.id for segment in found]
    count = connection.execute(
        f"SELECT count(*) FROM segment WHERE lost IS NULL AND id IN ({', '.join('?' * len(numbers))})",
        numbers,
    ).fetchone()[0]
    return bool(count == len(numbers))


@contextmanager
def _staged(layout: Layout, folder: Path, name: str, found: Sequence[Segment]) -> Iterator[Path]:
    """All rows in one file aside, on disk; what is left of it goes at the end."""
    day = date_of(found[0].day)
    folder.mkdir()
    try:
        staged = folder / name
        rows = _rewrite([layout.absolute(segment.path) for segment in found], staged)
        if rows != sum(segment.rows for segment in found):
            raise RuntimeError(f"{rows} rows were rewritten of day {day}: not all of them")
        sync_file(staged)
        yield staged
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise RequestError(
            f"no space left below {layout.root}: {day} has its old files",
            "free disk space; a day needs as much again as its raw flows take",
        ) from error
    finally:
        remove_tree(folder)


def _replace(
    layout: Layout,
    connection: sqlite3.Connection,
    steps: Steps,
    clock: Callable[[], int],
    staged: Path,
    found: Sequence[Segment],
) -> int:
    """The file counts in place of its parts; its size. The caller holds the writers' lock."""
    day = found[0].day
    size, sha256 = measured(staged)
    target = layout.flows / day_folder(date_of(day)) / staged.name
    staged.rename(target)
    sync_folders([target.parent])
    steps("compacted")
    with transaction(connection):
        path = str(target.relative_to(layout.root))
        new = connection.execute(
            "INSERT INTO segment (day, path, size, sha256, rows, last_end, flags)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                day,
                path,
                size,
                sha256,
                sum(segment.rows for segment in found),
                max(segment.last_end for segment in found),
                _or(segment.flags for segment in found),
            ),
        ).lastrowid
        old = [(new, segment.id) for segment in found]
        connection.executemany(
            "INSERT INTO segment_sensor SELECT ?, sensor, rows FROM segment_sensor WHERE segment = ?"
            " ON CONFLICT DO UPDATE SET rows = rows + excluded.rows",
            old,
        )
        connection.executemany(
            "INSERT OR IGNORE INTO segment_file SELECT ?, file FROM segment_file WHERE segment = ?", old
        )
        gone = [(clock(), segment.id) for segment in found]
        connection.executemany(
            "INSERT OR REPLACE INTO garbage SELECT path, ? FROM segment WHERE id = ?", gone
        )
        connection.executemany("DELETE FROM segment WHERE id = ?", [(number,) for _, number in gone])
        steps("compacting")
    steps("compaction counts")
    return size


def _or(flags: Iterator[int]) -> int:
    found = 0
    for one in flags:
        found |= one
    return found


def _rewrite(sources: Sequence[Path], target: Path) -> int:
    rows = 0
    with parquet_writer(target) as writer:
        for group in _groups(sources):
            writer.write_table(by_port(group), row_group_size=ROW_GROUP)
            rows += group.num_rows
    return rows


def _groups(sources: Sequence[Path]) -> Iterator[pa.Table]:
    """The rows of files in tables of a row group's size."""
    waiting: list[pa.Table] = []
    for source in sources:
        with pq.ParquetFile(source) as file:
            for batch in file.iter_batches(batch_size=_READ):
                waiting.append(labelled(pa.Table.from_batches([batch])))
                if sum(table.num_rows for table in waiting) >= ROW_GROUP:
                    whole = pa.concat_tables(waiting)
                    yield whole.slice(0, ROW_GROUP)
                    waiting = [whole.slice(ROW_GROUP)]
    if any(table.num_rows for table in waiting):
        yield pa.concat_tables(waiting)
