"""Reading delimited text with a header line, for every reader of such a format."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from sekisho.sources.base import Batch, ReadContext, Reject, no_flows
from sekisho.sources.blocks import Piece, Refused, convert, in_order, row_numbers
from sekisho.sources.draft import Draft
from sekisho.sources.lines import Lines, line_blocks
from sekisho.sources.spans import Alive


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns in force. `fault`: why no row can be read; `skip`: rows are no records at all."""

    names: tuple[str, ...] = ()
    delimiter: str = ","
    fault: str = "no header line stands before it"
    skip: bool = False


class Form(Protocol):
    """What one delimited format is."""

    def marks(self, layout: Layout) -> re.Pattern[bytes] | None:
        """Finds the beginning of lines that are no records; None where the next line is one."""
        ...

    def after(self, line: bytes, layout: Layout) -> Layout:
        """The layout below a line that is no record."""
        ...

    def columns(self, layout: Layout) -> tuple[str, ...]:
        """The columns that `draft` needs of those in the layout."""
        ...

    def draft(
        self, columns: dict[str, Any], rows: npt.NDArray[np.int64], context: ReadContext
    ) -> tuple[Draft, tuple[str, ...]]:
        """Flows of string columns (null where empty), and notes."""
        ...


def read(stream: BinaryIO, context: ReadContext, form: Form) -> Iterator[Batch]:
    """Batches of a stream; see `Reader.read`."""
    alive = Alive()
    last_row = context.first_row - 1
    notes: dict[str, None] = {}

    def work(item: tuple[Lines, Layout] | Reject | int) -> tuple[Any, Piece]:
        if isinstance(item, tuple):
            return item, _convert(*item, context, form)
        return item, Piece()

    for item, piece in in_order(work, _items(stream, context, form)):
        if isinstance(item, Reject):
            last_row = item.row
            yield Batch(no_flows(), (item,), last_row)
        elif isinstance(item, int):
            last_row = item
            yield Batch(no_flows(), (), last_row, ignored=1)
        else:
            lines, _ = item
            last_row = lines.first + lines.count - 1
            for table in piece.flows:
                alive.add(table)
            notes |= dict.fromkeys(piece.notes)
            yield piece.batch(last_row)
    yield Batch(no_flows(), (), last_row, alive.spans(), notes=tuple(notes))


def _items(
    stream: BinaryIO, context: ReadContext, form: Form
) -> Iterator[tuple[Lines, Layout] | Reject | int]:
    """Records under their layout, rejects, and the numbers of lines that are no records."""
    layout = Layout()
    for block in line_blocks(stream):
        if isinstance(block, Reject):
            if block.row >= context.first_row:
                yield block
            continue
        rest: Lines | None = block
        while rest is not None and rest.count:
            pattern = form.marks(layout)
            found = re.match(rb"", rest.data) if pattern is None else pattern.search(rest.data)
            before = rest.count if found is None else rest.data.count(b"\n", 0, found.start())
            records = rest.take(before) if before < rest.count else rest
            wanted = records.drop(min(context.first_row - records.first, records.count))
            if wanted.count:
                yield wanted, layout
            if found is None:
                break
            end = rest.data.find(b"\n", found.start()) + 1
            row = rest.first + before
            line = rest.data[found.start() : end].rstrip(b"\r\n")
            layout = form.after(line, layout)
            if row >= context.first_row:
                yield row
            rest = Lines(row + 1, rest.count - before - 1, rest.data[end:])


def _convert(lines: Lines, layout: Layout, context: ReadContext, form: Form) -> Piece:
    if layout.skip:
        return Piece(ignored=lines.count)
    if layout.fault:
        piece = Piece()
        for row, line in enumerate(lines.texts(), lines.first):
            if line.strip():
                piece.rejects.append(Reject.of(row, layout.fault, line))
            else:
                piece.ignored += 1
        return piece
    return convert(
        lines,
        lambda part, piece: _fast(part, piece, layout, context, form),
        lambda part, piece: _slow(part, piece, layout, context, form),
    )


def _fast(lines: Lines, piece: Piece, layout: Layout, context: ReadContext, form: Form) -> None:
    wanted = [name for name in layout.names if name in {*form.columns(layout), *context.fields}]
    table = pyarrow.csv.read_csv(
        pa.BufferReader(lines.data),
        read_options=pyarrow.csv.ReadOptions(
            column_names=list(layout.names), use_threads=False, block_size=len(lines.data) + 1
        ),
        parse_options=pyarrow.csv.ParseOptions(delimiter=layout.delimiter, newlines_in_values=False),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(wanted, pa.string()),
            include_columns=wanted,
            null_values=[""],
            strings_can_be_null=True,
        ),
    )
    if table.num_rows != lines.count:
        raise Refused
    columns = {name: table[name].combine_chunks() for name in wanted}
    _take(piece, columns, row_numbers(lines), lines.texts, context, form)


def _slow(lines: Lines, piece: Piece, layout: Layout, context: ReadContext, form: Form) -> None:
    """Line by line, so that each bad one has its own number and reason."""
    wanted = [name for name in layout.names if name in {*form.columns(layout), *context.fields}]
    places = [layout.names.index(name) for name in wanted]
    values: dict[str, list[str | None]] = {name: [] for name in wanted}
    rows: list[int] = []
    texts: list[bytes] = []
    for row, line in enumerate(lines.texts(), lines.first):
        if not line.strip():
            piece.ignored += 1
            continue
        try:
            cells = _cells(line, layout.delimiter)
        except (csv.Error, StopIteration):
            piece.rejects.append(Reject.of(row, "quotes do not match", line))
            continue
        if len(cells) != len(layout.names):
            reason = f"{len(cells)} columns where the header names {len(layout.names)}"
            piece.rejects.append(Reject.of(row, reason, line))
            continue
        for name, place in zip(wanted, places, strict=True):
            values[name].append(cells[place] or None)
        rows.append(row)
        texts.append(line)
    if rows:
        columns = {name: pa.array(cells, pa.string()) for name, cells in values.items()}
        _take(piece, columns, np.array(rows, dtype=np.int64), lambda: texts, context, form)


def _cells(line: bytes, delimiter: str) -> list[str]:
    text = line.decode("utf-8", "backslashreplace")
    return next(csv.reader([text], delimiter=delimiter, strict=True))


def _take(
    piece: Piece,
    columns: dict[str, Any],
    rows: npt.NDArray[np.int64],
    texts: Any,
    context: ReadContext,
    form: Form,
) -> None:
    draft, notes = form.draft(columns, rows, context)
    fields = None
    if context.fields:
        fields = pa.table(
            {
                name: columns.get(name, pa.nulls(len(rows), pa.string()))
                for name in sorted(context.fields)
            }
        )
    piece.notes.extend(notes)
    piece.take(draft, texts, fields)


def header_names(line: bytes, delimiter: str) -> tuple[str, ...]:
    """The names of a header line, unquoted and trimmed; a name that comes twice is told apart."""
    try:
        cells = _cells(line, delimiter)
    except (csv.Error, StopIteration):
        return ()
    names: list[str] = []
    for cell in cells:
        name = cell.strip()
        while name in names:
            name += "'"
        names.append(name)
    return tuple(names)
