"""Zeek's tab-separated logs: header lines, the data lines below them, and escapes.

A file may hold several blocks (`#fields` … `#close`), each with columns of its own.
Source: Zeek's documentation of the ASCII writer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from sekisho.sources.base import ReadContext, Reject
from sekisho.sources.blocks import Piece, Refused
from sekisho.sources.lines import Lines, line_blocks
from sekisho.sources.times import datetime_of, micros_of, zone

_SNIFF_LINES = 64
_ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})")


@dataclass(frozen=True, slots=True)
class Header:
    """The header lines in force."""

    separator: bytes = b"\t"
    unset: str = "-"
    empty: str = "(empty)"
    path: str = ""
    fields: tuple[str, ...] = ()

    def after(self, line: bytes) -> Header:
        """The header with one more `#` line taken into account."""
        if line.startswith(b"#separator"):
            return Header(separator=_separator(line))
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
                return replace(self, fields=_distinct(tuple(dotted(name) for name in names)))
        return self

    def fault(self, needed: Sequence[str]) -> str:
        """Why no row below this header can be read; empty where they can."""
        if not self.fields:
            return "no #fields line stands before it"
        missing = [name for name in needed if name not in self.fields]
        return f"its #fields line has no {', '.join(missing)}" if missing else ""


def headers(head: bytes) -> Iterator[Header]:
    """The header as it stands after each header line among the first lines of a file."""
    header = Header()
    for line in head.split(b"\n")[:_SNIFF_LINES]:
        if line.startswith(b"#"):
            header = header.after(line.removesuffix(b"\r"))
            yield header


@dataclass(frozen=True, slots=True)
class Segment:
    """Data lines under one header."""

    lines: Lines
    header: Header


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands between segments, in its place in the order."""

    row: int
    rejects: tuple[Reject, ...] = ()
    ignored: int = 0
    opened: datetime | None = None
    closed: datetime | None = None


def items(stream: BinaryIO, context: ReadContext) -> Iterator[Segment | Mark]:
    """Segments and marks of a stream in order; rows before the first asked for only set headers."""
    local = zone(context.timezone)
    header = Header()
    for block in line_blocks(stream):
        if isinstance(block, Reject):
            if block.row >= context.first_row:
                yield Mark(block.row, (block,))
            continue
        for lines, comment in _parts(block):
            if comment is None:
                wanted = lines.drop(min(context.first_row - lines.first, lines.count))
                if wanted.count:
                    yield Segment(wanted, header)
                continue
            header = header.after(comment)
            opened = _moment(comment, b"#open", header.separator, local)
            closed = _moment(comment, b"#close", header.separator, local)
            counts = lines.first >= context.first_row
            yield Mark(
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


def table_of(lines: Lines, header: Header, types: dict[str, pa.DataType]) -> pa.Table:
    """The columns named, unset ones null. Raises Refused, ArrowInvalid or UnicodeDecodeError."""
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


def cells_of(
    lines: Lines, piece: Piece, header: Header
) -> Iterator[tuple[int, bytes, dict[str, str | None]]]:
    """(row, line, cells by name; None where unset or empty) line by line, so that each bad one has its own
    number and reason: those without the right number of cells are rejected, blank ones ignored."""
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
        named = zip(header.fields, cells, strict=True)
        yield row, text, {name: None if cell in unset else cell for name, cell in named}


def unescaped(column: Any) -> Any:
    """A text column as it was seen: Zeek writes separators and what cannot be printed as \\xNN."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
        column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(column.type):
        words = unescaped(column.dictionary)
        return column if words is column.dictionary else words.take(column.indices)
    if not len(column) or not pc.any(pc.match_substring(column, "\\x")).as_py():
        return column
    return pa.array(
        [text if text is None else resolved(text) for text in column.to_pylist()], pa.string()
    )


def resolved(text: str) -> str:
    """One text as it was seen."""
    raw = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    try:
        return raw.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return raw


def _separator(line: bytes) -> bytes:
    text = line.removeprefix(b"#separator").strip(b" ").decode("latin-1")
    return (_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)[:1] or "\t").encode("latin-1")


def dotted(name: str) -> str:
    """The name of a column whose dot some shipper wrote as an underscore."""
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
