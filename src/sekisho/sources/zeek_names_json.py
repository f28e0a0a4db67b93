"""Zeek's logs of names as JSON, one object a line, keys as `id.orig_h` or `id_orig_h`.

`_path` or `@stream` may name the log: records of other logs are ignored, but for connections, which
would be lost silently.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from sekisho.sources import linewise, zeek
from sekisho.sources.base import Batch, RawMapping, ReadContext, Reject
from sekisho.sources.blocks import Piece, Refused, convert, row_numbers
from sekisho.sources.json_columns import braced
from sekisho.sources.json_records import object_of
from sekisho.sources.lines import Lines, blocks_from
from sekisho.sources.times import micros_of_decimals, micros_of_iso, zone
from sekisho.sources.zeek_names import ENDS, LIST, PORT, NameLog, take
from sekisho.sources.zeek_names_rows import NameRows
from sekisho.sources.zeek_rows import json_text

Bools = npt.NDArray[np.bool_]

_NUMBER = pa.decimal128(38, 20)
_PATHS = ("_path", "@stream")
_UNDERSCORED = {name.replace(".", "_"): name for name in (*ENDS[1:], PORT)}
_SNIFF_LINES = 64


class JsonNames:
    """The reader of one log."""

    family = "zeek"
    one_way = False

    def __init__(self, log: NameLog) -> None:
        self.name = f"zeek-{log.path}-json"
        self.log = log

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By records that are all of this log, by its name or by its own field."""
        found = 0
        for line in head.split(b"\n")[:_SNIFF_LINES]:
            record = object_of(line, str)
            if record is None:
                if line.strip() and not found:
                    return 0
                continue
            if not self._is_own(record):
                return 0
            found = 90
        return found

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """One batch a block of lines. See `Reader.read`.

        What shows that names were logged shows nothing of flows: there are no spans.
        """
        items = blocks_from(stream, context.first_row)
        return linewise.read(items, context, lambda lines: self.converted(lines, context))

    def converted(self, lines: Lines, context: ReadContext) -> Piece:
        """What lines of this log became."""
        return convert(
            lines,
            lambda part, piece: self._fast(part, piece, context),
            lambda part, piece: self._slow(part, piece, context),
        )

    def _fast(self, lines: Lines, piece: Piece, context: ReadContext) -> None:
        if context.fields:
            # Raw columns are wanted as text, whatever their type: only the exact path keeps it.
            self._slow(lines, piece, context)
            return
        data = lines.data.replace(b"\r\n", b"\n") if b"\r" in lines.data else lines.data
        if not braced(data, lines.count):
            raise Refused
        if not data.isascii():
            data.decode("utf-8")
        table = self._table(data)
        if table.num_rows != lines.count:
            raise Refused
        kept = self._own(table)
        rows = row_numbers(lines)
        if not kept.all():
            table, rows = table.filter(pa.array(kept)), rows[kept]
        if pa.types.is_string(table["ts"].type):
            times = micros_of_iso(table["ts"], zone(context.timezone))
            if (times[1] & table["ts"].is_valid().to_numpy()).any():
                raise Refused
        else:
            times = micros_of_decimals(table["ts"])
        columns = {name: table[name] for name in table.column_names if name not in ("ts", *_PATHS)}

        def texts() -> list[bytes]:
            every = lines.texts()
            return [every[index] for index in np.flatnonzero(kept).tolist()]

        take(self.log, piece, columns, times, rows, texts, None)
        piece.ignored += int((~kept).sum())

    def _table(self, data: bytes) -> pa.Table:
        """The columns of the log under their Zeek names, whichever spelling the keys have."""
        log = self.log
        dotted, underscored = b'"id.orig_h"' in data, b'"id_orig_h"' in data
        if dotted and underscored:
            raise Refused
        types: dict[str, pa.DataType] = (
            dict(log.marks)
            | dict.fromkeys((*log.every_text, *_PATHS), pa.string())
            | dict.fromkeys(log.lists, LIST)
            | dict.fromkeys(log.flags, pa.bool_())
            | {PORT: pa.int64(), "ts": _NUMBER}
        )
        if underscored:
            types = {name.replace("id.", "id_"): kind for name, kind in types.items()}
        try:
            table = _read(data, types)
        except pa.ArrowInvalid:
            table = _read(data, types | {"ts": pa.string()})
        return table.rename_columns([_UNDERSCORED.get(name, name) for name in table.column_names])

    def _own(self, table: pa.Table) -> Bools:
        """Which records are of this log. Raises Refused where one must be looked at by itself."""
        path = pc.coalesce(table["_path"], table["@stream"])
        unnamed = path.is_null().to_numpy()
        for name in self.log.marks:
            if (unnamed & table[name].is_null().to_numpy()).any():
                raise Refused
        if self.log.either:
            any_of = pc.coalesce(*(table[name] for name in self.log.either))
            if (unnamed & any_of.is_null().to_numpy()).any():
                raise Refused
        if pc.any(pc.is_in(path, pa.array(zeek.PATHS))).as_py():
            raise Refused
        own: Bools = pc.fill_null(pc.equal(path, self.log.path), fill_value=False).to_numpy()
        own |= unnamed
        return own

    def _slow(self, lines: Lines, piece: Piece, context: ReadContext) -> None:
        """Line by line, so that each bad one has its own number and reason."""
        asked = sorted(context.fields)
        collected = NameRows(self.log, asked, zone(context.timezone))
        for row, text in lines.numbered():
            if not text.strip():
                piece.ignored += 1
                continue
            record = object_of(text, str)
            if record is None:
                piece.rejects.append(Reject.of(row, "is no JSON object", text))
                continue
            path = _path(record)
            if path in zeek.PATHS:
                reason = (
                    f"is a connection in a {self.log.path} log: give connections a file of their own"
                )
                piece.rejects.append(Reject.of(row, reason, text))
                continue
            if path and path != self.log.path:
                piece.ignored += 1
                continue
            if not self._is_own(record):
                marks = " and ".join(self.log.marks) or " or ".join(self.log.either)
                reason = f"is no {self.log.path} record: it has no {marks}"
                piece.rejects.append(Reject.of(row, reason, text))
                continue
            raw = {name: json_text(record.get(name)) for name in asked}
            bad = collected.add(row, text, self._values(record), raw)
            if bad is not None:
                piece.rejects.append(bad)
        collected.finish(piece)

    def _values(self, record: Mapping[str, Any]) -> dict[str, Any]:
        log = self.log
        values: dict[str, Any] = {}
        for key, value in record.items():
            name = _UNDERSCORED.get(key, key)
            if name in log.lists:
                items = value if isinstance(value, list) else [] if value is None else [value]
                values[name] = [json_text(item) for item in items]
            elif name in log.flags:
                values[name] = value if isinstance(value, bool) else None
            elif not isinstance(value, (dict, bool)):
                values[name] = json_text(value)
        return values

    def _is_own(self, record: Mapping[str, Any]) -> bool:
        path = _path(record)
        if path:
            return path == self.log.path
        if not all(record.get(name) is not None for name in ("ts", *self.log.marks)):
            return False
        either = self.log.either
        return not either or any(record.get(name) is not None for name in either)


def _read(data: bytes, types: dict[str, pa.DataType]) -> pa.Table:
    return pyarrow.json.read_json(
        pa.BufferReader(data),
        read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(data) + 1),
        parse_options=pyarrow.json.ParseOptions(
            explicit_schema=pa.schema(list(types.items())), unexpected_field_behavior="ignore"
        ),
    )


def _path(record: Mapping[str, Any]) -> str:
    named = record.get("_path") or record.get("@stream")
    return named if isinstance(named, str) else ""
