"""JSON records, one object a line or all in an array, as columns of the fields that a format names.

A field is named by its keys with dots between them (`source.ip`), and may stand as nested objects, as
one key with dots in it, or half and half. Values are text or whole numbers; of a list the items come
with commas between them.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, BinaryIO, Protocol, cast, runtime_checkable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.sources import linewise
from sekisho.sources.base import Batch, ReadContext, Reject
from sekisho.sources.blocks import Piece, convert, row_numbers
from sekisho.sources.draft import Draft
from sekisho.sources.json_arrays import put_back, unwrapped
from sekisho.sources.json_columns import Kinds, columns_of
from sekisho.sources.lines import Damaged, Lines, blocks_from
from sekisho.sources.name_draft import NameDraft

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Columns = dict[str, Any]

SNIFF_LINES = 64


class Form(Protocol):
    """What one JSON format is."""

    texts: tuple[str, ...]
    """Fields that are mostly text."""
    numbers: tuple[str, ...]
    """Fields that are mostly whole numbers."""
    wrappers: tuple[str, ...]
    """Keys below which an export may have put a whole record."""

    def chosen(self, columns: Columns) -> Bools:
        """Which records are flows; the others are ignored."""
        ...

    def draft(
        self, columns: Columns, rows: Ints, context: ReadContext
    ) -> tuple[Draft, tuple[str, ...]]:
        """Flows of the chosen records, and notes. Columns are null where a record has no such field."""
        ...


@runtime_checkable
class NameForm(Protocol):
    """What a format adds whose records are not all flows: some give names."""

    def named(self, columns: Columns) -> Bools:
        """Which records give names, where they are no flows."""
        ...

    def name_draft(self, columns: Columns, rows: Ints, context: ReadContext) -> NameDraft:
        """Names of these records."""
        ...


def read(stream: BinaryIO, context: ReadContext, form: Form) -> Iterator[Batch]:
    """Batches of a stream; see `Reader.read`. In an array a record's row is its place."""
    kinds = Kinds(form.texts, form.numbers, form.wrappers, context.fields)

    def converted(lines: Lines) -> Piece:
        return convert(
            lines,
            lambda part, piece: _fast(part, piece, kinds, form, context),
            lambda part, piece: _slow(part, piece, kinds, form, context),
        )

    return linewise.read(blocks_from(unwrapped(stream), context.first_row), context, converted)


def ahead(stream: BinaryIO, size: int) -> tuple[bytes, BinaryIO]:
    """Up to `size` bytes that a stream begins with, and a stream that still gives them."""
    start = b""
    try:
        while len(start) < size and (chunk := stream.read(size - len(start))):
            start += chunk
    except Damaged:
        # It says so again to whoever has read what came before.
        return start, put_back(start, stream)
    return start, put_back(start, stream)


def sniff(head: bytes) -> list[dict[str, Any]]:
    """The first records of content that begins with `head`, empty where it is no JSON of that kind."""
    lines = unwrapped(cast("BinaryIO", io.BytesIO(head))).read().split(b"\n")
    found = []
    for line in lines[:SNIFF_LINES]:
        record = object_of(line)
        if record is not None:
            found.append(record)
        elif line.strip() and not found:
            return []
    return found


def _number(text: str) -> str:
    """Whole numbers that some program wrote as 123.0 are whole numbers."""
    whole, _, rest = text.partition(".")
    return whole if rest and not rest.strip("0") else text


def object_of(line: bytes, number: Callable[[str], str] = _number) -> dict[str, Any] | None:
    """A line's JSON object with its numbers as text; None where it is none. `number` says how one with a
    point is written."""
    if not line.lstrip().startswith(b"{"):
        return None
    try:
        found = json.loads(
            line.decode("utf-8", "replace"),
            parse_float=number,
            parse_int=str,
            parse_constant=_refuse,
        )
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def field_of(record: dict[str, Any], name: str, wrappers: Sequence[str] = ()) -> str | None:
    """The value of a field as text, in whatever way its keys are written; None where there is none."""
    for place in (record, *(record.get(key) for key in wrappers)):
        if isinstance(place, dict):
            found = text_of_value(_lookup(place, _parts(name)))
            if found is not None:
                return found
    return None


@cache
def _parts(name: str) -> tuple[str, ...]:
    return tuple(name.split("."))


def _lookup(record: dict[str, Any], parts: tuple[str, ...]) -> Any:
    for length in range(1, len(parts) + 1):
        value = record.get(".".join(parts[:length]))
        if value is None:
            continue
        if length == len(parts):
            return value
        if isinstance(value, dict):
            found = _lookup(value, parts[length:])
            if found is not None:
                return found
    return None


def text_of_value(value: Any) -> str | None:
    """A JSON value as text: lists with commas, nothing for objects."""
    match value:
        case str():
            # Lone surrogates, which JSON may carry and no column can.
            return (
                value
                if value.isascii()
                else value.encode("utf-8", "replace").decode("utf-8", "replace")
            )
        case bool():
            return "true" if value else "false"
        case list():
            return ",".join(item for item in map(text_of_value, value) if item) or None
        case _:
            return None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _fast(lines: Lines, piece: Piece, kinds: Kinds, form: Form, context: ReadContext) -> None:
    columns = columns_of(lines, kinds)
    take(piece, columns, row_numbers(lines), lines.texts, form, context)


def _slow(lines: Lines, piece: Piece, kinds: Kinds, form: Form, context: ReadContext) -> None:
    """Line by line, so that each bad one has its own number and reason."""
    values: dict[str, list[str | None]] = {name: [] for name in kinds.names}
    rows: list[int] = []
    texts: list[bytes] = []
    for row, line in enumerate(lines.texts(), lines.first):
        if not line.strip():
            piece.ignored += 1
            continue
        record = object_of(line)
        if record is None:
            piece.rejects.append(Reject.of(row, "is no JSON object", line))
            continue
        for name, cells in values.items():
            cells.append(field_of(record, name, form.wrappers))
        rows.append(row)
        texts.append(line)
    if rows:
        columns = {name: pa.array(cells, pa.string()) for name, cells in values.items()}
        take(piece, columns, np.array(rows, dtype=np.int64), lambda: texts, form, context)


def take(
    piece: Piece,
    columns: Columns,
    rows: Ints,
    texts: Callable[[], list[bytes]],
    form: Form,
    context: ReadContext,
) -> None:
    """Add the flows and names of records, by the columns of all fields that form and context name."""
    kept = form.chosen(columns)
    chosen = np.flatnonzero(kept)
    if len(chosen) < len(rows):
        named = 0
        if isinstance(form, NameForm):
            named = _take_names(piece, columns, rows, texts, form, context, ~kept)
        piece.ignored += len(rows) - len(chosen) - named
        mask = pa.array(kept)
        columns = {name: column.filter(mask) for name, column in columns.items()}
        rows = rows[kept]
    if not len(rows):
        return

    def lines() -> list[bytes]:
        every = texts()
        return [every[index] for index in chosen.tolist()]

    draft, notes = form.draft(columns, rows, context)
    piece.notes.extend(notes)
    piece.take(draft, lines, _asked(columns, context))


def _take_names(
    piece: Piece,
    columns: Columns,
    rows: Ints,
    texts: Callable[[], list[bytes]],
    form: NameForm,
    context: ReadContext,
    among: Bools,
) -> int:
    """Add the names of some records; of how many."""
    named = form.named(columns) & among
    chosen = np.flatnonzero(named)
    if not len(chosen):
        return 0
    mask = pa.array(named)
    columns = {name: column.filter(mask) for name, column in columns.items()}

    def lines() -> list[bytes]:
        every = texts()
        return [every[index] for index in chosen.tolist()]

    piece.take_names(form.name_draft(columns, rows[named], context), lines, _asked(columns, context))
    return len(chosen)


def _asked(columns: Columns, context: ReadContext) -> pa.Table | None:
    """The raw columns that were asked for."""
    if not context.fields:
        return None
    return pa.table({name: columns[name].cast(pa.string()) for name in sorted(context.fields)})


def words(columns: Columns, *names: str) -> Any:
    """The first of several fields that a record has, as lower-case text, empty where it has none."""
    found = first(columns, *names)
    return pc.fill_null(pc.utf8_lower(found.cast(pa.string())), "")


def first(columns: Columns, *names: str) -> Any:
    """The first of several fields that a record has."""
    found = [columns[name] for name in names]
    if len(found) == 1:
        return found[0]
    if len({column.type for column in found}) > 1:
        found = [column.cast(pa.string()) for column in found]
    return pc.coalesce(*found)


def unless(column: Any, one_way: Bools) -> Any:
    """A count of the other direction, of which one-way records know nothing and which is no gap."""
    zero = pa.scalar(0, pa.int64()).cast(column.type)
    return pc.if_else(pa.array(one_way), zero, column) if one_way.any() else column


def one_of(column: Any, choices: Sequence[str]) -> Bools:
    """Where a text is one of the choices."""
    found: Bools = pc.is_in(column, pa.array(choices, pa.string())).to_numpy(zero_copy_only=False)
    return found
