"""OCSF Network Activity as Parquet, as Amazon Security Lake keeps it: objects as structures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sekisho.sources import json_records, parquet
from sekisho.sources.base import Batch, RawMapping, ReadContext
from sekisho.sources.blocks import Piece
from sekisho.sources.ocsf import NetworkActivity

_NEEDED = ("class_uid", "time", "src_endpoint.ip", "dst_endpoint.ip")
_TELLING = (b"class_uid", b"src_endpoint", b"dst_endpoint")


class OcsfParquet:
    """OCSF Network Activity, Parquet; a record's row is its place in the file."""

    name = "ocsf-parquet"
    family = "ocsf"
    one_way = False

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By OCSF's names in the directory, which `files.head` puts behind the beginning."""
        if mapping is not None or not head.startswith(parquet.MAGIC):
            return 0
        return 90 if all(name in head for name in _TELLING) else 0

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See Reader.read. Events of other classes are no flows."""
        form = NetworkActivity()
        used = {*form.texts, *form.numbers, *context.fields}

        def wanted(names: tuple[str, ...]) -> set[str] | list[str]:
            return [name for name in _NEEDED if name not in names] or used & set(names)

        def take(
            piece: Piece,
            columns: dict[str, Any],
            rows: npt.NDArray[np.int64],
            context: ReadContext,
            texts: Callable[[], list[bytes]],
        ) -> None:
            lacking = dict.fromkeys(used - set(columns), pa.nulls(len(rows), pa.string()))
            whole = cast("json_records.Form", form)
            json_records.take(piece, columns | lacking, rows, texts, whole, context)

        return parquet.read(stream, context, wanted, take)
