"""Conn records gathered one by one, where a block could not be converted whole."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

import numpy as np
import pyarrow as pa

from sekisho.sources import zeek
from sekisho.sources.base import ReadContext, Reject
from sekisho.sources.blocks import Piece
from sekisho.sources.times import micros_of_iso_text


class Rows:
    """Values that were checked one by one, becoming columns at the end."""

    def __init__(self, asked: Sequence[str], local: tzinfo) -> None:
        self._values: dict[str, list[Any]] = {name: [] for name in zeek.COLUMNS}
        self._raw: dict[str, list[str | None]] = {name: [] for name in asked}
        self._local = local
        self._rows: list[int] = []
        self._texts: list[bytes] = []
        self._open: list[bool] = []

    def add(
        self,
        row: int,
        text: bytes,
        values: Mapping[str, str | None],
        raw: Mapping[str, str | None],
        *,
        still_open: bool,
    ) -> Reject | None:
        """Take one record; None in `values` is unset. The reject where a value is not what it should be."""
        try:
            parsed = {name: self._parse(name, values.get(name)) for name in zeek.COLUMNS}
        except ValueError as error:
            return Reject.of(row, str(error), text)
        for name, value in parsed.items():
            self._values[name].append(value)
        for name, kept in self._raw.items():
            kept.append(encodable(raw.get(name)))
        self._rows.append(row)
        self._texts.append(text)
        self._open.append(still_open)
        return None

    def finish(self, piece: Piece, context: ReadContext) -> None:
        """Turn them into flows of the piece."""
        if not self._rows:
            return
        columns = {
            name: pa.array(values, pa.int64() if name in zeek.COUNTS else pa.string())
            for name, values in self._values.items()
            if name not in zeek.TIMES
        }
        times = {}
        for name in zeek.TIMES:
            values = self._values[name]
            missing = np.array([value is None for value in values], dtype=np.bool_)
            times[name] = np.array([value or 0 for value in values], dtype=np.int64), missing
        fields = None
        if context.fields:
            fields = pa.table({name: pa.array(v, pa.string()) for name, v in self._raw.items()})
        rows = np.array(self._rows, dtype=np.int64)
        still_open = np.array(self._open, dtype=np.bool_)
        draft = zeek.draft_flows(columns, times, rows, context, still_open=still_open)
        piece.take(draft, lambda: self._texts, fields)

    def _parse(self, name: str, text: str | None) -> str | int | None:
        if text is None:
            return None
        if name in zeek.TIMES:
            try:
                return zeek.time_value(name, text)
            except ValueError:
                if name != "ts":
                    raise
            try:
                return micros_of_iso_text(text, self._local)
            except (ValueError, OverflowError) as error:
                raise ValueError("ts is no time") from error
        if name in zeek.COUNTS:
            return zeek.count_value(name, text)
        return encodable(text)


def encodable(text: str | None) -> str | None:
    """The text with lone surrogates replaced, which JSON may carry and no column can."""
    return text if text is None or text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def json_text(value: Any) -> str | None:
    """A JSON value as Zeek's text has it: lists with commas, nothing for null and for empty lists."""
    match value:
        case None:
            return None
        case str():
            return encodable(value)
        case bool():
            return "true" if value else "false"
        case list():
            return ",".join(item for item in map(json_text, value) if item) or None
        case _:
            return encodable(json.dumps(value))
