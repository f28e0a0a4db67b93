"""Parquet of any schema, and files that are none."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.sources import parquet
from sekisho.sources.base import Batch, ReadContext


def read(raw: bytes, context: ReadContext, lacks: list[str] | None = None) -> list[Batch]:
    def wanted(names: tuple[str, ...]) -> set[str] | list[str]:
        return lacks if lacks else {"a"}

    def take(piece: Any, columns: Any, rows: Any, _context: Any, texts: Any) -> None:
        assert list(columns) == ["a"]
        piece.ignored += len(rows)
        piece.alive.append(np.full(len(rows), 1_709_251_200_000_000, dtype=np.int64))
        piece.notes.append(texts()[0].decode())

    return list(parquet.read(io.BytesIO(raw), context, wanted, take))


def written() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"a": [1, 2, 3], "b": [{"x": 1}] * 3}), buffer)
    return buffer.getvalue()


def test_only_wanted_columns_are_read_and_rows_count_from_one(context: ReadContext) -> None:
    batches = read(written(), context)
    assert (batches[0].ignored, batches[-1].last_row) == (3, 3)
    assert batches[-1].notes == ("1",)
    assert len(batches[-1].spans) == 1
    late = ReadContext("UTC", 1, context.now, first_row=3)
    assert sum(batch.ignored for batch in read(written(), late)) == 1


def test_what_is_lacking_and_what_is_damaged_is_one_reject(context: ReadContext) -> None:
    lacking = read(written(), context, ["start"])
    assert "no column start" in lacking[0].rejects[0].reason
    cut = read(written()[:-9], context)
    assert "no whole Parquet file" in cut[0].rejects[0].reason
