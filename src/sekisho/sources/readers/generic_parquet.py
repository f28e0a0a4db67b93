"""Parquet of any origin: columns with our names, or a mapping file that says what its own mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sekisho.sources import parquet
from sekisho.sources.base import Batch, RawMapping, ReadContext
from sekisho.sources.blocks import Piece
from sekisho.sources.columns import text
from sekisho.sources.generic import draft_flows
from sekisho.sources.mapping import ROLES, check


class GenericParquet:
    """Parquet; a record's row is its place in the file."""

    name = "generic-parquet"
    family = "generic"
    one_way = False

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By the four bytes that every Parquet file begins with."""
        return 80 if head.startswith(parquet.MAGIC) else 0

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See Reader.read. Raises RequestError for a mapping that is wrong."""
        mapping = check(context.mapping)
        roles = {mapping.column(role) for role in ROLES}

        def wanted(names: tuple[str, ...]) -> set[str] | list[str]:
            return list(mapping.missing(names)) or roles | context.fields

        return parquet.read(stream, context, wanted, _take)


def _take(
    piece: Piece,
    columns: dict[str, Any],
    rows: npt.NDArray[np.int64],
    context: ReadContext,
    texts: Callable[[], list[bytes]],
) -> None:
    draft, notes = draft_flows(columns, check(context.mapping), rows, context)
    piece.notes.extend(notes)
    fields = None
    if context.fields:
        nothing = pa.nulls(len(rows), pa.string())
        names = sorted(context.fields)
        fields = pa.table({n: text(columns[n]) if n in columns else nothing for n in names})
    piece.take(draft, texts, fields)
