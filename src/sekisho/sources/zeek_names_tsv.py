"""Zeek's logs of names as tab-separated text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.sources import zeek
from sekisho.sources.base import Batch, RawMapping, ReadContext, no_flows
from sekisho.sources.blocks import Piece, convert, in_order, refused, row_numbers
from sekisho.sources.lines import Lines
from sekisho.sources.times import micros_of_decimals, zone
from sekisho.sources.zeek_names import LIST, PORT, NameLog, take
from sekisho.sources.zeek_names_rows import NameRows
from sekisho.sources.zeek_tsv import (
    Header,
    Mark,
    Segment,
    cells_of,
    dotted,
    headers,
    items,
    resolved,
    table_of,
    unescaped,
)

_COMMA = ","
"""Between the items of a set or vector; Zeek writes one within an item as \\x2c."""


class TsvNames:
    """The reader of one log."""

    family = "zeek"
    one_way = False

    def __init__(self, log: NameLog) -> None:
        self.name = f"zeek-{log.path}-tsv"
        self.log = log

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By `#path`, else by a `#fields` line with the log's own fields."""
        found = 0
        for header in headers(head):
            if header.path == self.log.path:
                found = max(found, 90)
            elif not header.path and set(self.log.columns) <= set(header.fields):
                found = max(found, 80)
        return found

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """One batch a block of lines. See `Reader.read`.

        What shows that names were logged shows nothing of flows: there are no spans.
        """
        last_row, ignored = context.first_row - 1, 0
        notes: dict[str, None] = {}

        def work(item: Segment | Mark) -> tuple[Segment | Mark, Piece]:
            if isinstance(item, Mark):
                return item, Piece()
            return item, self._convert(item.lines, item.header, context)

        for item, piece in in_order(work, items(stream, context)):
            if isinstance(item, Segment):
                last_row = item.lines.first + item.lines.count - 1
                notes |= dict.fromkeys(piece.notes)
                yield piece.batch(last_row)
                continue
            last_row = max(last_row, item.row)
            ignored += item.ignored
            if item.rejects:
                yield Batch(no_flows(), item.rejects, last_row)
        yield Batch(no_flows(), (), last_row, (), ignored, tuple(notes))

    def _convert(self, lines: Lines, header: Header, context: ReadContext) -> Piece:
        if header.path and header.path not in (self.log.path, *zeek.PATHS):
            return Piece(ignored=lines.count)
        fault = header.fault(self.log.needed)
        if header.path in zeek.PATHS:
            fault = (
                f"stands below #path {header.path} in a {self.log.path} log: give it a file of its own"
            )
        if fault:
            return refused(lines, fault)
        return convert(
            lines,
            lambda part, piece: self._fast(part, piece, header, context),
            lambda part, piece: self._slow(part, piece, header, context),
        )

    def _fast(self, lines: Lines, piece: Piece, header: Header, context: ReadContext) -> None:
        log = self.log
        wanted = (*log.every_text, *log.lists, *log.flags)
        types: dict[str, pa.DataType] = {
            name: pa.string() for name in wanted if name in header.fields
        } | {"ts": pa.decimal128(18, 6)}
        if PORT in header.fields:
            types[PORT] = pa.int64()
        asked = sorted(context.fields)
        table = table_of(lines, header, types)
        columns = {name: table[name].combine_chunks() for name in types if name != "ts"}
        columns = {name: _flat(column) for name, column in columns.items()}
        for name in columns.keys() & set(log.every_text):
            columns[name] = unescaped(columns[name])
        for name in columns.keys() & set(log.lists):
            columns[name] = _items(columns[name], header)
        for name in columns.keys() & set(log.flags):
            columns[name] = pc.equal(columns[name], "T")
        fields = None
        if asked:
            there = [name for name in asked if dotted(name) in header.fields]
            raw = table_of(lines, header, {dotted(name): pa.string() for name in there})
            fields = pa.table(
                {
                    name: unescaped(raw[dotted(name)])
                    if name in there
                    else pa.nulls(lines.count, pa.string())
                    for name in asked
                }
            )
        times = micros_of_decimals(table["ts"])
        take(log, piece, columns, times, row_numbers(lines), lines.texts, fields)

    def _slow(self, lines: Lines, piece: Piece, header: Header, context: ReadContext) -> None:
        log = self.log
        collected = NameRows(log, sorted(context.fields), zone(context.timezone))
        for row, text, raw in cells_of(lines, piece, header):
            values: dict[str, Any] = {
                name: resolved(cell) if cell and name in log.every_text else cell
                for name, cell in raw.items()
            }
            for name in log.lists:
                cell = raw.get(name)
                values[name] = cell and [resolved(i) for i in cell.split(_COMMA) if i != header.unset]
            for name in log.flags:
                values[name] = raw[name] == "T" if raw.get(name) else None
            fields = {name: resolved(raw.get(dotted(name)) or "") or None for name in context.fields}
            bad = collected.add(row, text, values, fields)
            if bad is not None:
                piece.rejects.append(bad)
        collected.finish(piece)


def _flat(column: Any) -> Any:
    if isinstance(column, pa.ChunkedArray):
        return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    return column


def _items(column: Any, header: Header) -> Any:
    """Text as the lists that it stands for."""
    lists = pc.split_pattern(column, _COMMA)
    values = unescaped(lists.values)
    values = pc.if_else(pc.equal(lists.values, header.unset), pa.scalar(None, pa.string()), values)
    mask = column.is_null() if column.null_count else None
    offsets = pa.array(np.asarray(lists.offsets), pa.int32())
    return pa.ListArray.from_arrays(offsets, values, type=LIST, mask=mask)
