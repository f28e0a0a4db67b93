"""What stands beside the flows on its way into the lake: gathered by day, written aside as Parquet, not
counting yet."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.store.layout import day_folder
from sekisho.store.side_tables import SideTable
from sekisho.store.spool import DAY_MICROSECONDS, date_of, measured

ROW_GROUP = 65_536
MAX_BUFFERED = 524_288
"""Rows held in memory before they are written; a commit with more has several files a day."""

_OPTIONS: dict[str, Any] = {
    "compression": "zstd",
    "compression_level": 3,
    "store_schema": False,
    "write_statistics": True,
}


@dataclass(frozen=True, slots=True)
class StagedSide:
    """One Parquet file of one UTC day, closed. `until` and `span` as its table says."""

    table: SideTable
    path: Path
    day: int
    rows: int
    size: int
    sha256: str
    until: int | None = None
    span: tuple[int, int] | None = None

    @property
    def partition(self) -> str:
        """The folder it belongs in, below the lake's."""
        return f"{self.table.name}/{day_folder(date_of(self.day))}"


class SideSpool:
    """Writes a table's rows below `folder` in bounded memory, those of each day in its order.

    What is added belongs to what was begun until `keep` or `drop` says what becomes of it.
    """

    def __init__(self, table: SideTable, folder: Path, prefix: str) -> None:
        self._table = table
        self._folder = folder
        self._prefix = prefix
        self._numbers = 0
        self._begun: list[pa.Table] = []
        self._begun_files: list[StagedSide] = []
        self._kept: list[pa.Table] = []
        self._files: list[StagedSide] = []

    def add(self, rows: pa.Table) -> None:
        """Take rows of the table's schema. Raises OSError where the disk is full."""
        self._begun.append(rows)
        if _rows(self._begun) >= MAX_BUFFERED:
            self._write(self._begun, self._begun_files)

    def keep(self) -> None:
        """What was begun is complete."""
        self._files += self._begun_files
        self._kept += self._begun
        self._begun, self._begun_files = [], []
        if _rows(self._kept) >= MAX_BUFFERED:
            self._write(self._kept, self._files)

    def drop(self) -> None:
        """What was begun is not to count."""
        self._begun = []
        _remove(self._begun_files)

    def close(self) -> list[StagedSide]:
        """The files of all that was kept, in order of their days."""
        self._write(self._kept, self._files)
        return sorted(self._files, key=lambda one: (one.day, one.path.name))

    def discard(self) -> None:
        """Remove what was written."""
        self.drop()
        self._kept = []
        _remove(self._files)

    def _write(self, tables: list[pa.Table], files: list[StagedSide]) -> None:
        if not tables:
            return
        rows = pa.concat_tables(tables)
        rows = rows.append_column("day", pa.array(_days(rows)))
        rows = in_order(self._table, rows, "day")
        days = rows["day"].to_numpy()
        rows = rows.drop_columns(["day"])
        for begin, end in pairwise([0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), len(days)]):
            self._numbers += 1
            path = self._folder / f"{self._prefix}-{self._table.mark}-{self._numbers}.parquet"
            part = rows.slice(begin, end - begin)
            write(self._table, part, path)
            size, sha256 = measured(path)
            until = self._table.until(part)
            files.append(
                StagedSide(self._table, path, int(days[begin]), end - begin, size, sha256, until)
            )
        tables.clear()


def conformed(table: SideTable, rows: pa.Table, file: int) -> pa.Table:
    """The columns as the lake writes them, with the file's number. Raises KeyError, pa.ArrowInvalid."""
    number = pa.repeat(pa.scalar(file, pa.int32()), rows.num_rows)
    rows = rows.append_column("file", number)
    columns = []
    for wanted in table.schema:
        column = rows[wanted.name]
        columns.append(column if column.type == wanted.type else column.cast(wanted.type))
    return pa.table(columns, schema=table.schema)


def in_order(table: SideTable, rows: pa.Table, *first: str) -> pa.Table:
    """Rows in the order in which a day's file has them, after the columns `first`."""
    return rows.sort_by([(key, "ascending") for key in (*first, *table.order)])


def write(table: SideTable, rows: pa.Table, path: Path) -> None:
    """Write rows of one day in their order."""
    with pq.ParquetWriter(path, table.schema, **_OPTIONS) as writer:
        writer.write_table(rows, row_group_size=ROW_GROUP)


def _days(rows: pa.Table) -> npt.NDArray[np.int64]:
    days: npt.NDArray[np.int64] = rows["time"].cast(pa.int64()).to_numpy() // DAY_MICROSECONDS
    return days


def _rows(tables: list[pa.Table]) -> int:
    return sum(table.num_rows for table in tables)


def _remove(files: list[StagedSide]) -> None:
    for one in files:
        with contextlib.suppress(FileNotFoundError):
            one.path.unlink()
    files.clear()
