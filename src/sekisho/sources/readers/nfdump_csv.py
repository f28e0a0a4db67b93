"""nfdump's `-o csv`, written out by a person or a script; see `sekisho.sources.nfdump`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from sekisho.sources import delimited
from sekisho.sources.base import Batch, RawMapping, ReadContext
from sekisho.sources.nfdump import NfdumpForm, is_header


class NfdumpCsv:
    """nfdump -o csv."""

    name = "nfdump-csv"
    family = "netflow"
    one_way = True

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By a header line with nfdump's names; it repeats nothing that other formats have."""
        return 90 if any(is_header(line) for line in head.split(b"\n")[:64]) else 0

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See Reader.read. Header and summary lines are ignored, not rejected."""
        return delimited.read(stream, context, NfdumpForm())
