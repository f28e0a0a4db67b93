"""AWS VPC flow logs as Parquet: the fields of the text, with underscores, as numbers and text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from sekisho.sources import aws_vpc, parquet
from sekisho.sources.base import Batch, RawMapping, ReadContext
from sekisho.sources.blocks import Piece

_TELLING = (b"log_status", b"interface_id", b"dstaddr")


class AwsVpcParquet:
    """VPC flow logs, Parquet; a record's row is its place in the file."""

    name = "aws-vpc-parquet"
    family = "vpc"
    one_way = True

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By AWS's names in the directory, which `files.head` puts behind the beginning."""
        if mapping is not None or not head.startswith(parquet.MAGIC):
            return 0
        known = sum(name in head for name in _TELLING)
        return 90 if (known >= 2 and b"dstaddr" in head) or b"pkt_dstaddr" in head else 0

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See Reader.read. NODATA and SKIPDATA records are no flows."""

        def wanted(names: tuple[str, ...]) -> set[str] | list[str]:
            lacks = aws_vpc.missing(tuple(map(_field, names)))
            return lacks or {n for n in names if _field(n) in {*aws_vpc.USED, *asked}}

        asked = set(map(_field, context.fields))
        return parquet.read(stream, context, wanted, _take)


def _field(column: str) -> str:
    return column.replace("_", "-")


def _take(
    piece: Piece,
    columns: dict[str, Any],
    rows: npt.NDArray[np.int64],
    context: ReadContext,
    texts: Callable[[], list[bytes]],
) -> None:
    named = {_field(name): column for name, column in columns.items()}
    aws_vpc.take(piece, named | columns, rows, context, texts)
