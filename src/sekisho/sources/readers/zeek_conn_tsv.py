"""Zeek conn.log as tab-separated text, with its `#` header lines.

A file may hold several blocks (`#fields` … `#close`), each with columns of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from sekisho.sources import zeek
from sekisho.sources.base import Batch, RawMapping, ReadContext, Reject, no_flows
from sekisho.sources.blocks import Piece, Refused, convert, in_order, row_numbers
from sekisho.sources.lines import Lines, line_blocks
from sekisho.sources.spans import Alive
from sekisho.sources.times import (
    datetime_of,
    micros_of,
    micros_of_decimals,
    zone,
)
from sekisho.sources.zeek_rows import Rows

_WORD = pa.dictionary(pa.int32(), pa.string())
_TYPES: dict[str, pa.DataType] = (
    dict.fromkeys(zeek.TIMES, pa.decimal128(18, 6))
    | dict.fromkeys(zeek.COUNTS, pa.int64())
    | dict.fromkeys(zeek.WORDS, _WORD)
    | dict.fromkeys((*zeek.ADDRESSES, *zeek.TEXTS), pa.string())
)
_ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})")
_SNIFF_LINES = 64


@dataclass(frozen=True, slots=True)
class _Header:
    """The header lines in force."""

    separator: bytes = b"\t"
    unset: str = "-"
    empty: str = "(empty)"
    path: str = ""
    fields: tuple[str, ...] = ()

    def after(self, line: bytes) -> _Header:
        """The header with one more `#` line taken into account."""
        if line.startswith(b"#separator"):
            return _Header(separator=_separator(line))
        key, _, value = line[1:].partition(self.separator)
        text = value.decode("utf-8", "backslashreplace")
        match key:
            case b"unset_field":
                return replace(self, unset=text)
            case b"empty_field":
                return replace(self, empty=text)
            case b"path":
                return replace(self, path=text)
            case b"fields":
                names = text.split(self.separator.decode("latin-1"))
                return replace(self, fields=_distinct(tuple(_dotted(name) for name in names)))
        return self

    @property
    def other_log(self) -> bool:
        return bool(self.path) and self.path not in zeek.PATHS

    @property
    def fault(self) -> str:
        """Why no row below this header can be read; empty where they can."""
        if not self.fields:
            return "no #fields line stands before it"
        missing = [name for name in zeek.NEEDED if name not in self.fields]
        return f"its #fields line has no {', '.join(missing)}" if missing else ""


@dataclass(frozen=True, slots=True)
class _Segment:
    """Data lines under one header."""

    lines: Lines
    header: _Header


@dataclass(frozen=True, slots=True)
class _Mark:
    """What stands between segments, in its place in the order."""

    row: int
    rejects: tuple[Reject, ...] = ()
    ignored: int = 0
    opened: datetime | None = None
    closed: datetime | None = None


class ZeekConnTsv:
    """Zeek conn.log, tab-separated."""

    name = "zeek-conn-tsv"
    family = "zeek"
    one_way = False

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By `#path conn`, else by a `#fields` line with the fields of conn."""
        header = _Header()
        found = 0
        for line in head.split(b"\n")[:_SNIFF_LINES]:
            if not line.startswith(b"#"):
                continue
            header = header.after(line.removesuffix(b"\r"))
            if header.path in zeek.PATHS:
                found = max(found, 95)
            elif not header.path and not header.fault and set(zeek.CONN_ONLY) & set(header.fields):
                found = max(found, 85)
        return found

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """One batch a block of lines, then one with the spans. See `Reader.read`."""
        spans: list[tuple[datetime, datetime]] = []
        alive = Alive()
        opened: datetime | None = None
        last_row, ignored = context.first_row - 1, 0
        for item, piece in in_order(_worker(context), _items(stream, context)):
            if isinstance(item, _Segment):
                last_row = item.lines.first + item.lines.count - 1
                for table in piece.flows:
                    alive.add(table)
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
        yield Batch(no_flows(), (), last_row, tuple(spans), ignored)


def _items(stream: BinaryIO, context: ReadContext) -> Iterator[_Segment | _Mark]:
    """Segments and marks of a stream in order; rows before the first asked for only set headers."""
    local = zone(context.timezone)
    header = _Header()
    for block in line_blocks(stream):
        if isinstance(block, Reject):
            if block.row >= context.first_row:
                yield _Mark(block.row, (block,))
            continue
        for lines, comment in _parts(block):
            if comment is None:
                wanted = lines.drop(min(context.first_row - lines.first, lines.count))
                if wanted.count:
                    yield _Segment(wanted, header)
                continue
            header = header.after(comment)
            opened = _moment(comment, b"#open", header.separator, local)
            closed = _moment(comment, b"#close", header.separator, local)
            counts = lines.first >= context.first_row
            yield _Mark(
                lines.first if counts else context.first_row - 1, (), int(counts), opened, closed
            )


def _parts(block: Lines) -> Iterator[tuple[Lines, bytes | None]]:
    """Runs of data lines, and each comment line with its text."""
    data, row, at = block.data, block.first, 0
    if b"#" not in data:
        yield block, None
        return
    while at < len(data):
        if data[at : at + 1] == b"#":
            end = data.find(b"\n", at) + 1
            yield Lines(row, 1, data[at:end]), data[at:end].rstrip(b"\r\n")
            row, at = row + 1, end
            continue
        comment = data.find(b"\n#", at)
        end = comment + 1 if comment >= 0 else len(data)
        run = data if at == 0 and end == len(data) else data[at:end]
        count = run.count(b"\n")
        yield Lines(row, count, run), None
        row, at = row + count, end


def _worker(context: ReadContext) -> Any:
    def work(item: _Segment | _Mark) -> tuple[_Segment | _Mark, Piece]:
        if isinstance(item, _Mark):
            return item, Piece()
        return item, _convert(item.lines, item.header, context)

    return work


def _convert(lines: Lines, header: _Header, context: ReadContext) -> Piece:
    if header.other_log:
        return Piece(ignored=lines.count)
    if header.fault:
        piece = Piece()
        for row, text in enumerate(lines.texts(), lines.first):
            if text.strip():
                piece.rejects.append(Reject.of(row, header.fault, text))
            else:
                piece.ignored += 1
        return piece
    return convert(
        lines,
        lambda part, piece: _fast(part, piece, header, context),
        lambda part, piece: _slow(part, piece, header, context),
    )


def _fast(lines: Lines, piece: Piece, header: _Header, context: ReadContext) -> None:
    present = [name for name in zeek.COLUMNS if name in header.fields]
    table = _read(lines, header, {name: _TYPES[name] for name in present})
    columns = {name: table[name] for name in present if name not in zeek.TIMES}
    if "service" in columns:
        columns["service"] = _unescaped(columns["service"])
    times = {name: micros_of_decimals(table[name]) for name in zeek.TIMES if name in present}
    fields = None
    if context.fields:
        asked = [name for name in sorted(context.fields) if _dotted(name) in header.fields]
        raw = _read(lines, header, {_dotted(name): pa.string() for name in asked}) if asked else None
        fields = _field_table({name: raw[_dotted(name)] for name in asked if raw}, context, lines.count)
    open_still = header.path == "conn_long"
    draft = zeek.draft_flows(columns, times, row_numbers(lines), context, still_open=open_still)
    piece.take(draft, lines.texts, fields)


def _read(lines: Lines, header: _Header, types: dict[str, pa.DataType]) -> pa.Table:
    table = pyarrow.csv.read_csv(
        pa.BufferReader(lines.data),
        read_options=pyarrow.csv.ReadOptions(
            column_names=list(header.fields), use_threads=False, block_size=len(lines.data) + 1
        ),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=header.separator.decode("latin-1"),
            quote_char=False,
            escape_char=False,
            newlines_in_values=False,
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=types,
            include_columns=list(types),
            null_values=[header.unset, header.empty],
            strings_can_be_null=True,
        ),
    )
    if table.num_rows != lines.count:
        raise Refused
    return table


def _slow(lines: Lines, piece: Piece, header: _Header, context: ReadContext) -> None:
    """Line by line, so that each bad one has its own number and reason."""
    asked = sorted(context.fields)
    collected = Rows(asked, zone(context.timezone))
    unset = {header.unset, header.empty}
    for row, text in enumerate(lines.texts(), lines.first):
        if not text.strip():
            piece.ignored += 1
            continue
        cells = [cell.decode("utf-8", "backslashreplace") for cell in text.split(header.separator)]
        if len(cells) != len(header.fields):
            reason = f"{len(cells)} columns where #fields names {len(header.fields)}"
            piece.rejects.append(Reject.of(row, reason, text))
            continue
        values = {
            name: None if cell in unset else cell
            for name, cell in zip(header.fields, cells, strict=True)
        }
        if values.get("service"):
            values["service"] = _resolve(values["service"] or "")
        raw = {name: _resolve(values.get(_dotted(name)) or "") or None for name in asked}
        still_open = header.path == "conn_long"
        bad = collected.add(row, text, values, raw, still_open=still_open)
        if bad is not None:
            piece.rejects.append(bad)
    collected.finish(piece, context)


def _field_table(columns: dict[str, Any], context: ReadContext, count: int) -> pa.Table:
    """Every column asked for, as text with escapes resolved; null where the log has none."""
    return pa.table(
        {
            name: _unescaped(columns[name]) if name in columns else pa.nulls(count, pa.string())
            for name in sorted(context.fields)
        }
    )


def _unescaped(column: Any) -> Any:
    """Zeek writes separators and what cannot be printed as \\xNN."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
        column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(column.type):
        words = _unescaped(column.dictionary)
        return column if words is column.dictionary else words.take(column.indices)
    if not len(column) or not pc.any(pc.match_substring(column, "\\x")).as_py():
        return column
    return pa.array(
        [text if text is None else _resolve(text) for text in column.to_pylist()], pa.string()
    )


def _resolve(text: str) -> str:
    raw = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    try:
        return raw.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return raw


def _separator(line: bytes) -> bytes:
    text = line.removeprefix(b"#separator").strip(b" ").decode("latin-1")
    return (_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)[:1] or "\t").encode("latin-1")


def _dotted(name: str) -> str:
    return f"id.{name[3:]}" if name.startswith("id_") else name


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    """A name that comes twice is told apart; the first one counts."""
    seen: set[str] = set()
    result = []
    for name in names:
        new = name
        while new in seen:
            new += "'"
        seen.add(new)
        result.append(new)
    return tuple(result)


def _moment(line: bytes, key: bytes, separator: bytes, local: Any) -> datetime | None:
    """The time of an #open or #close line; Zeek writes its own local time."""
    if not line.startswith(key + separator):
        return None
    text = line[len(key) + 1 :].decode("latin-1")
    try:
        at = datetime.strptime(text, "%Y-%m-%d-%H-%M-%S").replace(tzinfo=local)
        return datetime_of(micros_of(at))
    except (ValueError, OverflowError):
        return None


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
