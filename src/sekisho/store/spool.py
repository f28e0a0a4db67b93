"""Flows on their way into the lake: gathered by day, written aside as Parquet, not counting yet."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.model.flows import FLOW_SCHEMA, Flag
from sekisho.store.layout import day_folder

DAY_MICROSECONDS = 86_400_000_000
ROW_GROUP = 262_144
MAX_BUFFERED = 1_048_576
"""Rows held in memory before the fullest days are written; about 250 bytes each."""
MAX_OPEN = 64
"""Files open at once; a log with many days closes the one that was written longest ago."""

_LABELS = ("sensor", "src_realm", "dst_realm", "service")
_DELTA = ("start", "end", "row", "src_port")
_SPOOLED = pa.schema(
    [
        f.with_type(pa.dictionary(pa.int32(), pa.string())) if f.name in _LABELS else f
        for f in FLOW_SCHEMA
    ]
)
# Measured on a million rows: services send alike, so that rows in the order of port and time share the
# values of their counts, which a dictionary then holds once: 19 bytes a row where the order of arrival
# and deltas took 27. Deltas stay where values hardly repeat.
_OPTIONS: dict[str, Any] = {
    "compression": "zstd",
    "compression_level": 1,
    "store_schema": False,
    "use_dictionary": [f.name for f in FLOW_SCHEMA if f.name not in (*_DELTA, "uid")],
    "column_encoding": dict.fromkeys(_DELTA, "DELTA_BINARY_PACKED")
    | {"uid": "DELTA_LENGTH_BYTE_ARRAY"},
    # With the bounds of what it adds up the engine knows that no sum overflows, and adds faster.
    "write_statistics": [f.name for f in FLOW_SCHEMA if not pa.types.is_string(f.type)],
}


@dataclass(slots=True)
class StagedSegment:
    """One Parquet file of one UTC day, closed; its rows are counted by file number and by sensor."""

    path: Path
    day: int
    rows: int = 0
    size: int = 0
    sha256: str = ""
    last_end: int = 0
    flags: int = 0
    rows_of: dict[int, int] = field(default_factory=dict)
    rows_by: dict[str, int] = field(default_factory=dict)

    @property
    def partition(self) -> str:
        """The folder it belongs in."""
        return day_folder(date_of(self.day))


def date_of(day: int) -> date:
    """The date of a day number (days since 1970-01-01)."""
    return date.fromordinal(day + 719_163)


def day_of(day: date) -> int:
    """The day number of a date."""
    return day.toordinal() - 719_163


def conformed(flows: pa.Table, file: int) -> pa.Table:
    """The columns as the lake writes them, with the file's number. Raises KeyError, pa.ArrowInvalid."""
    number = pa.repeat(pa.scalar(file, pa.int32()), flows.num_rows)
    if "file" in flows.column_names:
        flows = flows.drop_columns(["file"])
    return labelled(flows.append_column("file", number))


def labelled(flows: pa.Table) -> pa.Table:
    """Rows of FLOW_SCHEMA with what names few things as dictionaries. Raises KeyError, pa.ArrowInvalid."""
    columns = []
    for wanted in _SPOOLED:
        column = flows[wanted.name]
        if column.type != wanted.type:
            if pa.types.is_dictionary(wanted.type) and not pa.types.is_dictionary(column.type):
                column = column.cast(pa.string()).dictionary_encode()
            column = column.cast(wanted.type)
        columns.append(column)
    return pa.table(columns, schema=_SPOOLED)


def parquet_writer(path: Path) -> pq.ParquetWriter:
    """Writes raw flows (`labelled`) as the lake has them."""
    return pq.ParquetWriter(path, _SPOOLED, **_OPTIONS)


def by_day(flows: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    """The rows of each UTC day of their start."""
    starts = flows["start"].cast(pa.int64()).to_numpy()
    if not len(starts):
        return
    days = starts // DAY_MICROSECONDS
    first, last = int(days.min()), int(days.max())
    if first == last:
        yield first, flows
        return
    if not bool(np.all(days[1:] >= days[:-1])):
        order = np.argsort(days, kind="stable")
        flows, days = flows.take(pa.array(order)), days[order]
    cuts = [0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), len(days)]
    for begin, end in pairwise(cuts):
        yield int(days[begin]), flows.slice(begin, end - begin)


def by_port(flows: pa.Table) -> pa.Table:
    """The rows in the order of port and time, which takes the least space."""
    ports, starts = flows["dst_port"].to_numpy(), flows["start"].cast(pa.int64()).to_numpy()
    if bool(np.all(starts[1:] >= starts[:-1])):
        # Sixteen bits are sorted by counting.
        order = np.argsort(ports.astype(np.uint16), kind="stable")
    else:
        order = np.lexsort((starts, ports))
    return flows.take(pa.array(order))


class FlowSpool:
    """Gathers flows by day and writes them below `folder`, in the one thread of `pool`, in bounded memory.

    Errors of the thread (a full disk) come out of the next call.
    """

    def __init__(self, folder: Path, prefix: str, pool: ThreadPoolExecutor) -> None:
        self._folder = folder
        self._prefix = prefix
        self._pool = pool
        self._buffers: dict[int, list[tuple[int, pa.Table]]] = {}
        self._buffered: dict[int, int] = {}
        self._open: dict[int, tuple[pq.ParquetWriter, StagedSegment]] = {}
        self._done: list[StagedSegment] = []
        self._pending: list[Future[None]] = []
        self._number = 0

    @property
    def wrote(self) -> bool:
        """Whether anything has left memory."""
        return bool(self._number)

    def add(self, file: int, flows: pa.Table) -> None:
        """Take rows of one file."""
        for day, rows in by_day(flows):
            self._buffers.setdefault(day, []).append((file, rows))
            self._buffered[day] = self._buffered.get(day, 0) + rows.num_rows
            if self._buffered[day] >= ROW_GROUP:
                self._flush(day)
        while sum(self._buffered.values()) > MAX_BUFFERED:
            self._flush(max(self._buffered, key=self._buffered.__getitem__))

    def hand_over(self, other: FlowSpool) -> None:
        """Give what is in memory to another spool."""
        for day in sorted(self._buffers):
            for file, rows in self._buffers[day]:
                other._buffers.setdefault(day, []).append((file, rows))
                other._buffered[day] = other._buffered.get(day, 0) + rows.num_rows
            if other._buffered[day] >= ROW_GROUP:
                other._flush(day)
        self._buffers, self._buffered = {}, {}
        while sum(other._buffered.values()) > MAX_BUFFERED:
            other._flush(max(other._buffered, key=other._buffered.__getitem__))

    def closing(self) -> Future[list[StagedSegment]]:
        """Write the rest; all segments, closed and hashed, not yet forced to disk.

        Errors come out of the result. Nothing may be added any more.
        """
        for day in sorted(self._buffers):
            self._flush(day)
        return self._pool.submit(self._close_all)

    def discard(self) -> None:
        """Forget everything; the files written so far are removed."""
        self._buffers, self._buffered = {}, {}
        for future in self._pending:
            future.exception()
        self._pending = []
        for writer, segment in self._open.values():
            # On a full disk there is no room for the end of a file that is thrown away.
            with contextlib.suppress(OSError):
                writer.close()
            segment.path.unlink(missing_ok=True)
        for segment in self._done:
            segment.path.unlink(missing_ok=True)
        self._open, self._done = {}, []

    def _flush(self, day: int) -> None:
        pieces = self._buffers.pop(day)
        del self._buffered[day]
        self._number += 1
        self._wait(2)
        self._pending.append(self._pool.submit(self._write, day, pieces))

    def _wait(self, most: int) -> None:
        while len(self._pending) > most:
            self._pending.pop(0).result()

    def _write(self, day: int, pieces: list[tuple[int, pa.Table]]) -> None:
        writer, segment = self._open.pop(day) if day in self._open else self._create(day)
        self._open[day] = writer, segment
        flows = by_port(pa.concat_tables([rows for _, rows in pieces]))
        writer.write_table(flows, row_group_size=ROW_GROUP)
        segment.rows += flows.num_rows
        for file, rows in pieces:
            segment.rows_of[file] = segment.rows_of.get(file, 0) + rows.num_rows
        for sensor, count in _counted(flows["sensor"]):
            segment.rows_by[sensor] = segment.rows_by.get(sensor, 0) + count
        flags = flows["flags"].to_numpy()
        segment.flags |= int(np.bitwise_or.reduce(flags))
        ends = flows["end"].cast(pa.int64()).to_numpy()
        possible = ends[flags & Flag.IMPOSSIBLE_TIME == 0]
        segment.last_end = max(segment.last_end, int(possible.max(initial=day * DAY_MICROSECONDS)))

    def _create(self, day: int) -> tuple[pq.ParquetWriter, StagedSegment]:
        if len(self._open) >= MAX_OPEN:
            self._close(next(iter(self._open)))
        number = len(self._done) + len(self._open)
        path = self._folder / f"{self._prefix}-{day}-{number}.parquet"
        while path.exists():
            number += 1
            path = self._folder / f"{self._prefix}-{day}-{number}.parquet"
        return parquet_writer(path), StagedSegment(path, day)

    def _close_all(self) -> list[StagedSegment]:
        # The pool has one thread: what was handed in before this is done.
        self._wait(0)
        for day in sorted(self._open):
            self._close(day)
        done, self._done = self._done, []
        return done

    def _close(self, day: int) -> None:
        writer, segment = self._open.pop(day)
        writer.close()
        segment.size, segment.sha256 = measured(segment.path)
        self._done.append(segment)


def _counted(names: pa.ChunkedArray) -> Iterator[tuple[str, int]]:
    """How many rows of a dictionary column have each name."""
    for chunk in names.chunks:
        counts = np.bincount(chunk.indices.to_numpy(), minlength=len(chunk.dictionary))
        for place in np.flatnonzero(counts).tolist():
            yield chunk.dictionary[place].as_py(), int(counts[place])


def measured(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return stream.tell(), digest
