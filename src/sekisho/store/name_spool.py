"""Names on their way into the lake: gathered by day, written aside as Parquet, not counting yet."""

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

from sekisho.model.names import NAME_SCHEMA
from sekisho.store.layout import day_folder
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
class StagedNames:
    """One Parquet file of one UTC day, closed."""

    path: Path
    day: int
    rows: int
    size: int
    sha256: str

    @property
    def partition(self) -> str:
        """The folder it belongs in."""
        return day_folder(date_of(self.day))


class NameSpool:
    """Writes names below `folder` in bounded memory, those of each day in the order of kind and value.

    What is added belongs to what was begun until `keep` or `drop` says what becomes of it.
    """

    def __init__(self, folder: Path, prefix: str) -> None:
        self._folder = folder
        self._prefix = prefix
        self._numbers = 0
        self._begun: list[pa.Table] = []
        self._begun_files: list[StagedNames] = []
        self._kept: list[pa.Table] = []
        self._files: list[StagedNames] = []

    def add(self, names: pa.Table) -> None:
        """Take rows of NAME_SCHEMA. Raises OSError where the disk is full."""
        self._begun.append(names)
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

    def close(self) -> list[StagedNames]:
        """The files of all that was kept, in order of their days."""
        self._write(self._kept, self._files)
        return sorted(self._files, key=lambda one: (one.day, one.path.name))

    def discard(self) -> None:
        """Remove what was written."""
        self.drop()
        self._kept = []
        _remove(self._files)

    def _write(self, tables: list[pa.Table], files: list[StagedNames]) -> None:
        if not tables:
            return
        names = pa.concat_tables(tables)
        names = names.append_column("day", pa.array(_days(names)))
        names = in_order(names, "day")
        days = names["day"].to_numpy()
        names = names.drop_columns(["day"])
        for begin, end in pairwise([0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), len(days)]):
            self._numbers += 1
            path = self._folder / f"{self._prefix}-{self._numbers}.parquet"
            write(names.slice(begin, end - begin), path)
            size, sha256 = measured(path)
            files.append(StagedNames(path, int(days[begin]), end - begin, size, sha256))
        tables.clear()


def conformed(names: pa.Table, file: int) -> pa.Table:
    """The columns as the lake writes them, with the file's number. Raises KeyError, pa.ArrowInvalid."""
    number = pa.repeat(pa.scalar(file, pa.int32()), names.num_rows)
    names = names.append_column("file", number)
    columns = []
    for wanted in NAME_SCHEMA:
        column = names[wanted.name]
        columns.append(column if column.type == wanted.type else column.cast(wanted.type))
    return pa.table(columns, schema=NAME_SCHEMA)


def in_order(names: pa.Table, *first: str) -> pa.Table:
    """Rows in the order in which a day's file has them, after the columns `first`."""
    return names.sort_by([(key, "ascending") for key in (*first, "kind", "value", "time")])


def write(names: pa.Table, path: Path) -> None:
    """Write rows of one day in their order."""
    with pq.ParquetWriter(path, NAME_SCHEMA, **_OPTIONS) as writer:
        writer.write_table(names, row_group_size=ROW_GROUP)


def _days(names: pa.Table) -> npt.NDArray[np.int64]:
    days: npt.NDArray[np.int64] = names["time"].cast(pa.int64()).to_numpy() // DAY_MICROSECONDS
    return days


def _rows(tables: list[pa.Table]) -> int:
    return sum(table.num_rows for table in tables)


def _remove(files: list[StagedNames]) -> None:
    for one in files:
        with contextlib.suppress(FileNotFoundError):
            one.path.unlink()
    files.clear()
