"""Lines of JSON as columns all at once, by Arrow's parser, which must be told each field's kind."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from sekisho.sources.blocks import Refused
from sekisho.sources.lines import Lines

Path = tuple[str, ...]

MOST_ATTEMPTS = 12
"""Readings of one block, each with one more kind learned, before it is read line by line."""
_CHANGED = re.compile(r"Column\(/(.*)\) changed from \w+ to (\w+) in row")
_KINDS: dict[str, pa.DataType] = {
    "number": pa.int64(),
    "string": pa.string(),
    "boolean": pa.bool_(),
    "array": pa.list_(pa.string()),
}
_EITHER = pa.decimal128(38, 0)
"""Takes numbers and numbers written as text."""
_NUMBERS = pa.list_(pa.int64())


class Kinds:
    """Which fields are wanted and what kind each was found to be; one for all blocks of a stream."""

    def __init__(
        self,
        texts: Iterable[str],
        numbers: Iterable[str],
        wrappers: tuple[str, ...],
        asked: Iterable[str],
    ) -> None:
        self.guesses = dict.fromkeys(asked, pa.string()) | dict.fromkeys(texts, pa.string())
        self.guesses |= dict.fromkeys(numbers, pa.int64())
        self.names = tuple(self.guesses)
        self.wrappers = wrappers
        self.spellings = {name: _spellings(name) for name in self.names}
        self.learned: dict[Path, pa.DataType] = {}
        self.met: dict[Path, set[str]] = {}

    def paths(self, data: bytes) -> dict[str, list[Path]]:
        """For each name the ways to write it that the data may use."""
        known: dict[str, bool] = {}

        def there(key: str) -> bool:
            if key not in known:
                begins, dot, _ = key.partition(".")
                # Most data have no such keys, which their beginnings tell with fewer searches.
                whole = b'"' + key.encode() + b'"'
                known[key] = (not dot or begun(begins)) and whole in data
            return known[key]

        def begun(begins: str) -> bool:
            start = begins + "."
            if start not in known:
                known[start] = b'"' + start.encode() in data
            return known[start]

        wrappers: list[Path] = [(), *((key,) for key in self.wrappers if there(key))]
        return {
            name: [
                (*wrapper, *spelling)
                for wrapper in wrappers
                for spelling in spellings
                if all(there(key) for key in spelling if "." in key)
            ]
            for name, spellings in self.spellings.items()
        }

    def kind(self, name: str, path: Path) -> pa.DataType:
        """The kind of a field where it is written so."""
        return self.learned.get(path, self.guesses[name])

    def learn(self, error: pa.ArrowInvalid, places: dict[str, Path]) -> bool:
        """Take the kind that the parser met instead; False where that does not help."""
        found = _CHANGED.search(str(error))
        if found is None:
            return False
        where, met = found.groups()
        listed = where.endswith("/[]")
        path = places.get(where.removesuffix("/[]"))
        kind = (_NUMBERS if met == "number" else None) if listed else _KINDS.get(met)
        if path is None or kind is None or self.learned.get(path) == kind:
            return False
        if {met, *self.met.setdefault(path, set())} == {"number", "string"} and path in self.learned:
            kind = _EITHER
        self.met[path].add(met)
        self.learned[path] = kind
        return True


def columns_of(lines: Lines, kinds: Kinds) -> dict[str, Any]:
    """A column for each wanted name, text or int64, one row a line.

    Raises Refused, ArrowInvalid or UnicodeDecodeError where the lines are not plain JSON objects of
    values of one kind a field.
    """
    data = lines.data.replace(b"\r\n", b"\n") if b"\r" in lines.data else lines.data
    if not braced(data, lines.count):
        raise Refused
    if not data.isascii():
        data.decode("utf-8")
    paths = kinds.paths(data)
    table = _table(data, paths, kinds)
    if table.num_rows != lines.count:
        raise Refused
    return {name: _coalesced([_plain(_at(table, path)) for path in paths[name]]) for name in paths}


def _spellings(name: str) -> tuple[Path, ...]:
    """All ways to part a dotted name into keys, nested ones first."""
    parts = name.split(".")
    if len(parts) > 6:
        return (tuple(parts), (name,))
    cuts = range(1, len(parts))
    return tuple(
        tuple(".".join(parts[a:b]) for a, b in zip((0, *chosen), (*chosen, len(parts)), strict=True))
        for count in range(len(parts) - 1, -1, -1)
        for chosen in combinations(cuts, count)
    )


def braced(data: bytes, count: int) -> bool:
    """Whether each line begins and ends with a brace: then as many objects as lines is one a line."""
    letters = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(letters == ord("\n"))
    if len(ends) != count or not data.startswith(b"{") or ends[0] == 0:
        return False
    opened = letters[ends[:-1] + 1] == ord("{")
    closed = letters[ends - 1] == ord("}")
    return bool(opened.all() and closed.all())


def _table(data: bytes, paths: dict[str, list[Path]], kinds: Kinds) -> pa.Table:
    places = {"/".join(path): path for options in paths.values() for path in options}
    for _ in range(MOST_ATTEMPTS):
        tree: dict[str, Any] = {}
        for name, options in paths.items():
            for path in options:
                _plant(tree, path, kinds.kind(name, path))
        try:
            return pyarrow.json.read_json(
                pa.BufferReader(data),
                read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(data) + 1),
                parse_options=pyarrow.json.ParseOptions(
                    explicit_schema=pa.schema(_fields(tree)), unexpected_field_behavior="ignore"
                ),
            )
        except pa.ArrowInvalid as error:
            if not kinds.learn(error, places):
                raise
    raise Refused


def _plant(tree: dict[str, Any], path: Path, kind: pa.DataType) -> None:
    for key in path[:-1]:
        tree = tree.setdefault(key, {})
        if not isinstance(tree, dict):
            raise Refused
    if isinstance(tree.get(path[-1]), dict):
        # The same key is wanted as a value and as an object.
        raise Refused
    tree[path[-1]] = kind


def _fields(tree: dict[str, Any]) -> list[pa.Field]:
    return [
        pa.field(key, pa.struct(_fields(value)) if isinstance(value, dict) else value)
        for key, value in tree.items()
    ]


def _at(table: pa.Table, path: Path) -> Any:
    column = table[path[0]]
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks)
    # Not pc.struct_field: it takes a dot in a key for a step down.
    for key in path[1:]:
        place = column.type.get_field_index(key)
        column = column.flatten()[place]
    return column


def _plain(column: Any) -> Any:
    """Text or int64: of lists the items with commas."""
    kind = column.type
    if pa.types.is_list(kind):
        items = column if kind.value_type == pa.string() else column.cast(pa.list_(pa.string()))
        joined = pc.binary_join(items, ",")
        return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined)
    return column if kind in (pa.string(), pa.int64()) else column.cast(pa.string())


def _coalesced(columns: list[Any]) -> Any:
    filled = [column for column in columns if column.null_count < len(column)] or columns[:1]
    if len(filled) == 1:
        return filled[0]
    if len({column.type for column in filled}) > 1:
        filled = [column.cast(pa.string()) for column in filled]
    return pc.coalesce(*filled)
