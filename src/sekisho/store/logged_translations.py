"""Translations that gateways logged with their connections, as the engine takes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model import translated
from sekisho.model.flows import FLOW_SCHEMA
from sekisho.model.names import NameKind
from sekisho.store import snapshot
from sekisho.store.engines.base import Engine
from sekisho.store.layout import Layout
from sekisho.store.queries import translating
from sekisho.store.queries.columns import DAY
from sekisho.store.queries.names import SLACK
from sekisho.store.queries.sources import parquet
from sekisho.store.recording import REACH_DAYS

_BRIEF = 1000
"""Seconds: what lasted longer has a fourth digit, see `sekisho.model.translated`."""
_LOGGED = f"""
    SELECT r.src_realm, r.dst_realm, epoch_us(r.time) AS time, r.value, r.file FROM {{files}} r
    ANTI JOIN superseded s ON r.file = s.file AND r.row = s.row
    WHERE r.kind = '{NameKind.NAT}'
"""

LOGGED_ENDS = pa.schema(
    [
        ("realm", pa.string()),
        ("hi", pa.int64()),
        ("lo", pa.int64()),
        ("seen_hi", pa.int64()),
        ("seen_lo", pa.int64()),
    ]
)
"""A host's own address and one that stood for it."""


def paths(
    layout: Layout, listed: Iterable[snapshot.Translating], first: int, last: int
) -> tuple[Path, ...]:
    """Those of the files that are whole and may tell of flows of the days from `first` to `last`: a record of
    a connection may begin long after it, where a sensor cuts what lasts into several."""
    return tuple(
        layout.absolute(one.path)
        for one in listed
        if first - REACH_DAYS <= one.day <= last + 1
        and one.until >= (first - 1) * DAY
        and snapshot.wrong_size(layout, one.path, one.size) is None
    )


def logged(
    engine: Engine,
    files: Sequence[Path],
    *,
    span: tuple[int, int] | None = None,
    between: tuple[int, int] | None = None,
) -> pa.Table | None:
    """What files of names tell: realms, ends as they are seen (`src_*`, `dst_*`) and `own_*` ones, protocol,
    `begin` and `end` in microseconds, the number of the `file` that told it; None where there is nothing.
    Reads `superseded` (file, row).

    `span` (microseconds) confines it to what may be of records that begin then, `between` to files with
    numbers from the one to the other.
    """
    if not files:
        return None
    asked = _LOGGED.format(files=parquet(files))
    if between is not None:
        asked += f" AND r.file BETWEEN {int(between[0])} AND {int(between[1])}"
    if span is not None:
        first, last = span
        brief = f"position(' for ' IN right(r.value, {len(' for  s') + len(str(_BRIEF - 1))})) > 0"
        asked += (
            f" AND epoch_us(r.time) <= {int(last) + SLACK} AND"
            f" (epoch_us(r.time) >= {int(first) - SLACK - _BRIEF * 1_000_000} OR NOT {brief})"
        )
    rows = engine.fetch(asked)
    if not rows.num_rows:
        return None
    parts = translated.read(rows["value"])
    rows = rows.take(parts["place"])
    columns = {
        "src_realm": rows["src_realm"],
        "dst_realm": rows["dst_realm"],
        "protocol": parts["protocol"],
        "begin": rows["time"],
        "end": pc.add(rows["time"], pc.multiply(parts["seconds"], 1_000_000)),
        "file": rows["file"],
    }
    for end in ("src", "dst"):
        for part in ("hi", "lo", "port"):
            kind = pa.int32() if part == "port" else pa.int64()
            columns[f"{end}_{part}"] = parts[f"seen_{end}_{part}"].cast(kind)
            columns[f"own_{end}_{part}"] = parts[f"{end}_{part}"].cast(kind)
    return pa.table(columns)


def distinct(told: pa.Table | None) -> pa.Table:
    """LOGGED_ENDS of what was told, see `logged`: whom each address stood for."""
    if told is None:
        return LOGGED_ENDS.empty_table()
    parts = []
    for end in ("src", "dst"):
        columns = [
            f"{end}_realm",
            *(f"{kind}{end}_{half}" for kind in ("own_", "") for half in ("hi", "lo")),
        ]
        part = told.select(columns).rename_columns(LOGGED_ENDS.names)
        moved = pc.or_(
            pc.not_equal(part["hi"], part["seen_hi"]), pc.not_equal(part["lo"], part["seen_lo"])
        )
        parts.append(part.filter(moved).cast(LOGGED_ENDS))
    return pa.concat_tables(parts).group_by(LOGGED_ENDS.names).aggregate([])


def resolve(engine: Engine, rows: str, told: pa.Table | None) -> None:
    """Fill the table `resolved` for `rows` by what was `told`, see `logged`."""
    if told is None:
        engine.register("no_flows", FLOW_SCHEMA.empty_table())
        engine.run(translating.NONE_RESOLVED)
        return
    engine.register("logged", told)
    engine.run(translating.resolved(rows))
    engine.forget("logged")
