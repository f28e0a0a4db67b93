"""CSV of any origin: columns with our names, or a mapping file that says what its own names mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from sekisho.errors import RequestError
from sekisho.sources import delimited
from sekisho.sources.base import Batch, RawMapping, ReadContext
from sekisho.sources.delimited import Layout, header_names
from sekisho.sources.draft import Draft
from sekisho.sources.generic import draft_flows
from sekisho.sources.mapping import ROLES, Mapping, check

_FIRST_LINE = re.compile(rb"[^\n]*\n?")


class GenericCsv:
    """CSV with a header line."""

    name = "generic-csv"
    family = "generic"
    one_way = False

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By a header line with the columns that the mapping, or else this program, calls for."""
        try:
            found = check(mapping)
        except RequestError:
            found = Mapping()
        names = header_names(head.split(b"\n", 1)[0].rstrip(b"\r"), found.delimiter)
        if not names or found.missing(names):
            return 0
        return 60 if mapping is not None else 40

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See Reader.read. Raises RequestError for a mapping that is wrong."""
        return delimited.read(stream, context, _Form(check(context.mapping)))


class _Form:
    """One header line, then records."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping

    def marks(self, layout: Layout) -> re.Pattern[bytes] | None:
        return _NEVER if layout.names else None

    def after(self, line: bytes, layout: Layout) -> Layout:
        names = header_names(line, self._mapping.delimiter)
        missing = self._mapping.missing(names)
        fault = f"its header has no {', '.join(missing)}" if missing else ""
        return Layout(names or ("",), self._mapping.delimiter, fault=fault)

    def columns(self, layout: Layout) -> tuple[str, ...]:
        return tuple(self._mapping.column(role) for role in ROLES)

    def draft(
        self, columns: dict[str, Any], rows: npt.NDArray[np.int64], context: ReadContext
    ) -> tuple[Draft, tuple[str, ...]]:
        return draft_flows(columns, self._mapping, rows, context)


_NEVER = re.compile(rb"(?!)")
