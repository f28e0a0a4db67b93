"""Zeek conn.log as tab-separated text, with its `#` header lines.

A file may hold several blocks (`#fields` … `#close`), each with columns of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

import pyarrow as pa

from sekisho.sources import zeek
from sekisho.sources.base import Batch, RawMapping, ReadContext, no_flows
from sekisho.sources.blocks import Piece, convert, in_order, refused, row_numbers
from sekisho.sources.lines import Lines
from sekisho.sources.spans import Alive
from sekisho.sources.times import micros_of_decimals, zone
from sekisho.sources.zeek_rows import Rows
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

_WORD = pa.dictionary(pa.int32(), pa.string())
_TYPES: dict[str, pa.DataType] = (
    dict.fromkeys(zeek.TIMES, pa.decimal128(18, 6))
    | dict.fromkeys(zeek.COUNTS, pa.int64())
    | dict.fromkeys(zeek.WORDS, _WORD)
    | dict.fromkeys((*zeek.ADDRESSES, *zeek.TEXTS), pa.string())
)


class ZeekConnTsv:
    """Zeek conn.log, tab-separated."""

    name = "zeek-conn-tsv"
    family = "zeek"
    one_way = False

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By `#path conn`, else by a `#fields` line with the fields of conn."""
        found = 0
        for header in headers(head):
            if header.path in zeek.PATHS:
                found = max(found, 95)
            elif (
                not header.path
                and not header.fault(zeek.NEEDED)
                and set(zeek.CONN_ONLY) & set(header.fields)
            ):
                found = max(found, 85)
        return found

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """One batch a block of lines, then one with the spans. See `Reader.read`."""
        spans: list[tuple[datetime, datetime]] = []
        alive = Alive()
        opened: datetime | None = None
        last_row, ignored = context.first_row - 1, 0
        notes: dict[str, None] = {}
        for item, piece in in_order(_worker(context), items(stream, context)):
            if isinstance(item, Segment):
                last_row = item.lines.first + item.lines.count - 1
                for table in piece.flows:
                    alive.add(table)
                notes |= dict.fromkeys(piece.notes)
                yield piece.batch(last_row)
                continue
            last_row = max(last_row, item.row)
            ignored += item.ignored
            if item.rejects:
                yield Batch(no_flows(), item.rejects, last_row)
            if item.opened is not None:
                spans += _block_spans(opened, None, alive)
                opened, alive = item.opened, Alive()
            if item.closed is not None:
                spans += _block_spans(opened, item.closed, alive)
                opened, alive = None, Alive()
        spans += _block_spans(opened, None, alive)
        yield Batch(no_flows(), (), last_row, tuple(spans), ignored, tuple(sorted(notes)))


def _worker(context: ReadContext) -> Any:
    def work(item: Segment | Mark) -> tuple[Segment | Mark, Piece]:
        if isinstance(item, Mark):
            return item, Piece()
        return item, _convert(item.lines, item.header, context)

    return work


def _other_log(header: Header) -> bool:
    return bool(header.path) and header.path not in zeek.PATHS


def _convert(lines: Lines, header: Header, context: ReadContext) -> Piece:
    if _other_log(header):
        others = [header.path] if header.path in zeek.OF_NAMES else []
        return Piece(ignored=lines.count, notes=[zeek.passed_over(path) for path in others])
    fault = header.fault(zeek.NEEDED)
    if fault:
        return refused(lines, fault)
    return convert(
        lines,
        lambda part, piece: _fast(part, piece, header, context),
        lambda part, piece: _slow(part, piece, header, context),
    )


def _fast(lines: Lines, piece: Piece, header: Header, context: ReadContext) -> None:
    present = [name for name in zeek.COLUMNS if name in header.fields]
    table = table_of(lines, header, {name: _TYPES[name] for name in present})
    columns = {name: table[name] for name in present if name not in zeek.TIMES}
    if "service" in columns:
        columns["service"] = unescaped(columns["service"])
    times = {name: micros_of_decimals(table[name]) for name in zeek.TIMES if name in present}
    fields = None
    if context.fields:
        asked = [name for name in sorted(context.fields) if dotted(name) in header.fields]
        raw = table_of(lines, header, {dotted(name): pa.string() for name in asked}) if asked else None
        fields = _field_table({name: raw[dotted(name)] for name in asked if raw}, context, lines.count)
    open_still = header.path == "conn_long"
    draft = zeek.draft_flows(columns, times, row_numbers(lines), context, still_open=open_still)
    piece.take(draft, lines.texts, fields)


def _slow(lines: Lines, piece: Piece, header: Header, context: ReadContext) -> None:
    asked = sorted(context.fields)
    collected = Rows(asked, zone(context.timezone))
    for row, text, values in cells_of(lines, piece, header):
        if values.get("service"):
            values["service"] = resolved(values["service"] or "")
        raw = {name: resolved(values.get(dotted(name)) or "") or None for name in asked}
        still_open = header.path == "conn_long"
        bad = collected.add(row, text, values, raw, still_open=still_open)
        if bad is not None:
            piece.rejects.append(bad)
    collected.finish(piece, context)


def _field_table(columns: dict[str, Any], context: ReadContext, count: int) -> pa.Table:
    """Every column asked for, as text with escapes resolved; null where the log has none."""
    return pa.table(
        {
            name: unescaped(columns[name]) if name in columns else pa.nulls(count, pa.string())
            for name in sorted(context.fields)
        }
    )


def _block_spans(
    opened: datetime | None, closed: datetime | None, alive: Alive
) -> tuple[tuple[datetime, datetime], ...]:
    """A block's own words about when it was written, unless its records lie elsewhere in time."""
    seen = alive.spans()
    if opened is None or closed is None or closed < opened:
        return seen
    if seen and (seen[-1][1] < opened or seen[0][0] > closed):
        return seen
    return ((opened, closed),)
