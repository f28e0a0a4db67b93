"""Reading Parquet of any schema: the records of a file as columns, a bounded number at a time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.sources.base import Batch, ReadContext, Reject, no_flows
from sekisho.sources.blocks import Piece
from sekisho.sources.columns import flat, text
from sekisho.sources.lines import Damaged
from sekisho.sources.spans import Alive

MAGIC = b"PAR1"
BATCH = 262_144
"""Records read at once."""
_IN_MEMORY = 64 << 20
_BLOCK = 1 << 20

Columns = dict[str, Any]
Take = Callable[[Piece, Columns, npt.NDArray[np.int64], ReadContext, Callable[[], list[bytes]]], None]


def read(
    stream: BinaryIO,
    context: ReadContext,
    wanted: Callable[[tuple[str, ...]], set[str] | list[str]],
    take: Take,
) -> Iterator[Batch]:
    """Batches of a stream; see `Reader.read`.

    `wanted` gives the columns to read of the names there are, as a set, or as a list the ones that are
    lacking; of fields within others the names stand with dots between them. `take` adds the flows of
    columns to a piece.
    """
    # Its directory stands at the end: the whole file is needed, on disk where it is large.
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
        try:
            while chunk := stream.read(_BLOCK):
                copy.write(chunk)
        except Damaged as damage:
            yield _unreadable(str(damage))
            return
        copy.seek(0)
        try:
            source = pq.ParquetFile(pa.PythonFile(copy, mode="r"))
            schema = source.schema_arrow
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
            yield _unreadable(f"it is no whole Parquet file: {error}")
            return
        leaves = dict(_leaves(schema, ()))
        found = wanted(tuple(leaves))
        if isinstance(found, list):
            yield _unreadable(f"it has no column {', '.join(found)}")
            return
        chosen = {name: path for name, path in leaves.items() if name in found}
        yield from _records(source, chosen, context, take)


def _leaves(fields: Any, above: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Columns of plain values by their names, and where they stand; those within lists are left out."""
    for field in fields:
        path = (*above, field.name)
        if pa.types.is_struct(field.type):
            yield from _leaves(field.type, path)
        elif not pa.types.is_nested(field.type):
            yield ".".join(path), path


def _at(batch: pa.RecordBatch, path: tuple[str, ...]) -> Any:
    column = flat(batch.column(path[0]))
    for key in path[1:]:
        column = column.flatten()[column.type.get_field_index(key)]
    return column


def _records(
    source: pq.ParquetFile, chosen: dict[str, tuple[str, ...]], context: ReadContext, take: Take
) -> Iterator[Batch]:
    alive = Alive()
    notes: dict[str, None] = {}
    row = 0
    try:
        for batch in source.iter_batches(batch_size=BATCH, columns=list(chosen), use_threads=False):
            first, row = row + 1, row + batch.num_rows
            skip = min(max(context.first_row - first, 0), batch.num_rows)
            part = batch.slice(skip)
            if not part.num_rows:
                continue
            columns = {name: _at(part, path) for name, path in chosen.items()}
            rows = np.arange(first + skip, row + 1, dtype=np.int64)
            piece = Piece()
            take(piece, columns, rows, context, partial(_shown, columns))
            for table in piece.flows:
                alive.add(table)
            for times in piece.alive:
                alive.saw(times)
            notes |= dict.fromkeys(piece.notes)
            yield piece.batch(row)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        reject = Reject.of(row + 1, f"the file is damaged: {error}; everything before was kept", b"")
        yield Batch(no_flows(), (reject,), row)
    yield Batch(no_flows(), (), row, alive.spans(), notes=tuple(notes))


def _shown(columns: Columns) -> list[bytes]:
    """The records as text, for those that are rejected."""
    rows = zip(*(text(column).to_pylist() for column in columns.values()), strict=True)
    return [", ".join("" if cell is None else cell for cell in row).encode() for row in rows]


def _unreadable(reason: str) -> Batch:
    return Batch(no_flows(), (Reject(1, reason),), 0)
