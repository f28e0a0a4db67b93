"""Parquet of any origin: columns with our names, or a mapping file that says what its own mean."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.sources.base import Batch, RawMapping, ReadContext, Reject, no_flows
from sekisho.sources.blocks import Piece
from sekisho.sources.columns import flat, text
from sekisho.sources.generic import draft_flows
from sekisho.sources.lines import Damaged
from sekisho.sources.mapping import ROLES, check
from sekisho.sources.spans import Alive

MAGIC = b"PAR1"
BATCH = 262_144
"""Records read at once."""
_IN_MEMORY = 64 << 20
_BLOCK = 1 << 20
_NESTED = pa.types.is_nested


class GenericParquet:
    """Parquet; a record's row is its place in the file."""

    name = "generic-parquet"
    family = "generic"
    one_way = False

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By the four bytes that every Parquet file begins with."""
        return 80 if head.startswith(MAGIC) else 0

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See Reader.read. Raises RequestError for a mapping that is wrong."""
        mapping = check(context.mapping)
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
                names = tuple(field.name for field in source.schema_arrow)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
                yield _unreadable(f"it is no whole Parquet file: {error}")
                return
            missing = mapping.missing(names)
            if missing:
                yield _unreadable(f"it has no column {', '.join(missing)}")
                return
            yield from _records(source, names, context)


def _records(source: pq.ParquetFile, names: tuple[str, ...], context: ReadContext) -> Iterator[Batch]:
    mapping = check(context.mapping)
    wanted = {mapping.column(role) for role in ROLES} | context.fields
    schema = source.schema_arrow
    plain = {f.name for f in schema if not _NESTED(f.type)}
    chosen = [name for name in names if name in wanted and name in plain]
    alive = Alive()
    notes: dict[str, None] = {}
    row = 0
    try:
        for batch in source.iter_batches(batch_size=BATCH, columns=chosen, use_threads=False):
            first, row = row + 1, row + batch.num_rows
            skip = min(max(context.first_row - first, 0), batch.num_rows)
            part = batch.slice(skip)
            if not part.num_rows:
                continue
            columns = {name: flat(part.column(name)) for name in chosen}
            rows = np.arange(first + skip, row + 1, dtype=np.int64)
            draft, said = draft_flows(columns, mapping, rows, context)
            piece = Piece()
            piece.take(draft, partial(_shown, columns), _fields(columns, len(rows), context))
            for table in piece.flows:
                alive.add(table)
            notes |= dict.fromkeys(said)
            yield piece.batch(row)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        reject = Reject.of(row + 1, f"the file is damaged: {error}; everything before was kept", b"")
        yield Batch(no_flows(), (reject,), row)
    yield Batch(no_flows(), (), row, alive.spans(), notes=tuple(notes))


def _fields(columns: dict[str, Any], count: int, context: ReadContext) -> pa.Table | None:
    if not context.fields:
        return None
    return pa.table(
        {
            name: text(columns[name]) if name in columns else pa.nulls(count, pa.string())
            for name in sorted(context.fields)
        }
    )


def _shown(columns: dict[str, Any]) -> list[bytes]:
    """The records as text, for those that are rejected."""
    rows = zip(*(text(column).to_pylist() for column in columns.values()), strict=True)
    return [", ".join("" if cell is None else cell for cell in row).encode() for row in rows]


def _unreadable(reason: str) -> Batch:
    return Batch(no_flows(), (Reject(1, reason),), 0)
