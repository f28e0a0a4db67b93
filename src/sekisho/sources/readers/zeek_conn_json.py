"""Zeek conn.log as JSON, one object a line, keys as `id.orig_h` or `id_orig_h`.

`_path` or `@stream` may name the log: records of other logs are ignored.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from sekisho.sources import linewise, zeek
from sekisho.sources.base import Batch, RawMapping, ReadContext, Reject
from sekisho.sources.blocks import Piece, Refused, convert, row_numbers
from sekisho.sources.json_records import object_of
from sekisho.sources.lines import Lines, blocks_from
from sekisho.sources.times import micros_of_decimals, micros_of_iso, zone
from sekisho.sources.zeek_rows import Rows, json_text

_NUMBER = pa.decimal128(38, 20)
_PATHS = ("_path", "@stream")
_UNDERSCORED = {name.replace(".", "_", 1): name for name in zeek.COLUMNS if name.startswith("id.")}
_SNIFF_LINES = 64


class ZeekConnJson:
    """Zeek conn.log, JSON lines."""

    name = "zeek-conn-json"
    family = "zeek"
    one_way = False

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By a record that is of conn by its name or its fields."""
        for line in head.split(b"\n")[:_SNIFF_LINES]:
            record = object_of(line, str)
            if record is None:
                if line.strip():
                    return 0
                continue
            if _is_conn(record):
                return 95
        return 0

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """One batch a block of lines, then one with the spans. See `Reader.read`."""
        items = blocks_from(stream, context.first_row)
        return linewise.read(items, context, lambda lines: self.converted(lines, context))

    def converted(self, lines: Lines, context: ReadContext) -> Piece:
        """What lines of conn became."""
        return convert(
            lines,
            lambda part, piece: _fast(part, piece, context),
            lambda part, piece: _slow(part, piece, context),
        )


def _fast(lines: Lines, piece: Piece, context: ReadContext) -> None:
    if context.fields:
        # Raw columns are wanted as text, whatever their type: only the exact path keeps it.
        _slow(lines, piece, context)
        return
    data = lines.data.replace(b"\r\n", b"\n") if b"\r" in lines.data else lines.data
    if not _braced(data, lines.count):
        raise Refused
    if not data.isascii():
        data.decode("utf-8")
    table = _table(data)
    if table.num_rows != lines.count:
        raise Refused
    kept, still_open = _of_conn(table)
    rows = row_numbers(lines)
    others = _of_names(table)
    if not kept.all():
        table, rows, still_open = table.filter(pa.array(kept)), rows[kept], still_open[kept]
    conn_only = [table[name] for name in zeek.CONN_ONLY]
    if table.num_rows and min(column.null_count for column in conn_only) > 0 and not _named(table):
        raise Refused
    times = {"duration": micros_of_decimals(table["duration"])}
    if pa.types.is_string(table["ts"].type):
        times["ts"] = micros_of_iso(table["ts"], zone(context.timezone))
        if (times["ts"][1] & table["ts"].is_valid().to_numpy()).any():
            raise Refused
    else:
        times["ts"] = micros_of_decimals(table["ts"])
    columns = {name: table[name] for name in zeek.COLUMNS if name not in zeek.TIMES}
    draft = zeek.draft_flows(columns, times, rows, context, still_open=still_open)

    def texts() -> list[bytes]:
        every = lines.texts()
        return [every[index] for index in np.flatnonzero(kept).tolist()]

    piece.take(draft, texts, None)
    piece.ignored += int((~kept).sum())
    piece.notes.extend(map(_passed_over, others))


def _braced(data: bytes, count: int) -> bool:
    """Whether each line begins and ends with a brace: then as many objects as lines is one a line."""
    letters = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(letters == ord("\n"))
    if len(ends) != count or not data.startswith(b"{") or ends[0] == 0:
        return False
    opened = letters[ends[:-1] + 1] == ord("{")
    closed = letters[ends - 1] == ord("}")
    return bool(opened.all() and closed.all())


def _table(data: bytes) -> pa.Table:
    """The columns of conn under their Zeek names, whichever spelling the keys have."""
    dotted, underscored = b'"id.orig_h"' in data, b'"id_orig_h"' in data
    if dotted == underscored:
        raise Refused
    spelled = {name: name for name in zeek.COLUMNS}
    if underscored:
        spelled |= {name: other for other, name in _UNDERSCORED.items()}
    types: dict[str, pa.DataType] = (
        {spelled[name]: pa.int64() for name in zeek.COUNTS}
        | {spelled[name]: pa.string() for name in (*zeek.ADDRESSES, *zeek.WORDS, *zeek.TEXTS)}
        | dict.fromkeys(_PATHS, pa.string())
        | dict.fromkeys(zeek.TIMES, _NUMBER)
    )
    try:
        table = _read(data, types)
    except pa.ArrowInvalid:
        table = _read(data, types | {"ts": pa.string()})
    return table.rename_columns([_UNDERSCORED.get(name, name) for name in table.column_names])


def _read(data: bytes, types: dict[str, pa.DataType]) -> pa.Table:
    return pyarrow.json.read_json(
        pa.BufferReader(data),
        read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(data) + 1),
        parse_options=pyarrow.json.ParseOptions(
            explicit_schema=pa.schema(list(types.items())), unexpected_field_behavior="ignore"
        ),
    )


def _of_conn(table: pa.Table) -> tuple[Any, Any]:
    """Which records are not of another log, and which are of connections still open."""
    path = pc.coalesce(table["_path"], table["@stream"])
    if path.null_count == len(path):
        every = np.ones(len(path), dtype=np.bool_)
        return every, ~every
    known = pc.is_in(path, pa.array(zeek.PATHS))
    kept = pc.or_(known, path.is_null()).to_numpy()
    return kept, pc.fill_null(pc.equal(path, "conn_long"), fill_value=False).to_numpy()


def _of_names(table: pa.Table) -> list[str]:
    """Logs of names whose records stand among the connections."""
    met = pc.unique(pc.coalesce(table["_path"], table["@stream"])).to_pylist()
    return [path for path in zeek.OF_NAMES if path in met]


def _named(table: pa.Table) -> bool:
    return bool(pc.coalesce(table["_path"], table["@stream"]).null_count == 0)


def _slow(lines: Lines, piece: Piece, context: ReadContext) -> None:
    """Line by line, so that each bad one has its own number and reason."""
    asked = sorted(context.fields)
    collected = Rows(asked, zone(context.timezone))
    for row, text in lines.numbered():
        if not text.strip():
            piece.ignored += 1
            continue
        record = object_of(text, str)
        if record is None:
            piece.rejects.append(Reject.of(row, "is no JSON object", text))
            continue
        path = _path(record)
        if path and path not in zeek.PATHS:
            piece.ignored += 1
            if path in zeek.OF_NAMES and _passed_over(path) not in piece.notes:
                piece.notes.append(_passed_over(path))
            continue
        if not _is_conn(record):
            reason = "is no conn record: it has no conn_state, history or packet counts"
            piece.rejects.append(Reject.of(row, reason, text))
            continue
        values = {
            _UNDERSCORED.get(key, key): json_text(value)
            for key, value in record.items()
            if not isinstance(value, (dict, bool))
        }
        raw = {name: json_text(record.get(name)) for name in asked}
        bad = collected.add(row, text, values, raw, still_open=path == "conn_long")
        if bad is not None:
            piece.rejects.append(bad)
    collected.finish(piece, context)


def _passed_over(path: str) -> str:
    return f"{zeek.passed_over(path)}, or take it with --reader zeek-streams-json"


def _is_conn(record: dict[str, Any]) -> bool:
    path = _path(record)
    ends = ("id.orig_h" in record and "id.resp_h" in record) or (
        "id_orig_h" in record and "id_resp_h" in record
    )
    if path:
        return path in zeek.PATHS and ends
    return ends and any(name in record for name in zeek.CONN_ONLY)


def _path(record: dict[str, Any]) -> str:
    named = record.get("_path") or record.get("@stream")
    return named if isinstance(named, str) else ""


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
