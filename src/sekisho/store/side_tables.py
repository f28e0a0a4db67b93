"""What stands beside the flows: tables of their own, written, kept, verified and given up alike.

Each is in a folder of its name, a file a commit and UTC day; the manifest lists the files of all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model import translated
from sekisho.model.events import EVENT_SCHEMA
from sekisho.model.logons import LOGON_SCHEMA
from sekisho.model.names import NAME_SCHEMA, NameKind


def _nothing(_rows: pa.Table) -> int | None:
    return None


def _no_span(_rows: pa.Table) -> tuple[int, int] | None:
    return None


def _span(rows: pa.Table) -> tuple[int, int] | None:
    """Microseconds of the first and the last event; None where there is none."""
    ends = pc.min_max(rows["time"].cast(pa.int64())).as_py()
    return None if ends["min"] is None else (ends["min"], ends["max"])


def last_translated(rows: pa.Table) -> int | None:
    """When the last of the connections ended that rows of names tell translations of, microseconds; None
    where they tell of none."""
    told = rows.filter(pc.equal(rows["kind"], str(NameKind.NAT)))
    parts = translated.read(told["value"])
    if not parts.num_rows:
        return None
    begin = told["time"].cast(pa.int64()).take(parts["place"])
    end: int = pc.max(pc.add(begin, pc.multiply(parts["seconds"], 1_000_000))).as_py()
    return end


@dataclass(frozen=True, slots=True)
class SideTable:
    """One of them. `order` is that of a file's rows; `mark` a letter in its files' names; `until` says of rows
    when the last connection ended that they tell of, where others must know. `span` says when the first and the
    last of the rows happened, where that is not the day that they lie under."""

    name: str
    schema: pa.Schema
    order: tuple[str, ...]
    mark: str
    until: Callable[[pa.Table], int | None] = _nothing
    span: Callable[[pa.Table], tuple[int, int] | None] = _no_span
    most: int = 2_097_152
    """Rows put into one file when small ones are made few; they are held in memory."""


NAMES = SideTable("names", NAME_SCHEMA, ("kind", "value", "time"), "n", last_translated)
LOGONS = SideTable("logons", LOGON_SCHEMA, ("host", "time", "file", "row"), "l")
EVENTS = SideTable(
    "events",
    EVENT_SCHEMA,
    ("channel", "event_id", "host", "time", "file", "row"),
    "e",
    span=_span,
    most=524_288,
)
"""Its day is the one on which an event came here: a terminal's log spans years in a few thousand records."""
SIDE_TABLES = (NAMES, LOGONS, EVENTS)
