"""What feeds hold besides indicators: rules that look for a technique, and advisories."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.intel.base import Aside, FeedError
from sekisho.intel.gathering import EXAMPLES
from sekisho.intel.values import words
from sekisho.model.flows import TIME

MOST_ENTRIES = 50_000
ENTRIES = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("at", TIME),
        pa.field("techniques", pa.list_(pa.string()), nullable=False),
        pa.field("vulnerabilities", pa.list_(pa.string()), nullable=False),
        pa.field("products", pa.list_(pa.string()), nullable=False),
        pa.field("level", pa.string(), nullable=False),
        pa.field("about", pa.string(), nullable=False),
        pa.field("author", pa.string(), nullable=False),
        pa.field("licence", pa.string(), nullable=False),
        pa.field("place", pa.string(), nullable=False),
        pa.field("sha256", pa.string(), nullable=False),
        pa.field("arrived", TIME),
        pa.field("altered", TIME),
    ]
)
"""`at` is the entry's own date, `arrived` when it was first had here, `altered` when it last became other.
`about` is what a rule reads (`zeek/dce_rpc`) or who published an advisory."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule or advisory; see ENTRIES."""

    id: str
    title: str
    at: datetime | None = None
    techniques: tuple[str, ...] = ()
    vulnerabilities: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    level: str = ""
    about: str = ""
    author: str = ""
    licence: str = ""
    place: str = ""

    @property
    def sha256(self) -> str:
        """Of what it says, wherever it lies."""
        said = {name: getattr(self, name) for name in self.__slots__ if name != "place"}
        return hashlib.sha256(json.dumps(said, default=str, sort_keys=True).encode()).hexdigest()


@dataclass(slots=True)
class Entered:
    """`rows` are ENTRIES; `aside` counts what is none, by why, `examples` are some of it."""

    rows: pa.Table
    aside: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)


def enter(items: Iterable[Entry | Aside], before: pa.Table, now: datetime) -> Entered:
    """All of a folder as rows; what `before` (ENTRIES) had already keeps when it came. Of one id the first
    counts. Raises FeedError for more than MOST_ENTRIES."""
    known = {row["id"]: row for row in before.to_pylist()}
    aside: Counter[str] = Counter()
    examples: dict[str, list[str]] = defaultdict(list)
    rows: dict[str, dict[str, Any]] = {}
    for item in items:
        if isinstance(item, Entry) and item.id in rows:
            item = Aside("malformed", f"{item.place}: {item.id} is there already")
        if isinstance(item, Aside):
            aside[item.why] += 1
            if len(examples[item.why]) < EXAMPLES:
                examples[item.why].append(words(item.text))
            continue
        if len(rows) >= MOST_ENTRIES:
            raise FeedError(f"it holds more than {MOST_ENTRIES:,} entries", "take a part of it")
        rows[item.id] = _row(item, known.get(item.id), now)
    return Entered(pa.Table.from_pylist(list(rows.values()), ENTRIES), aside, dict(examples))


def _row(item: Entry, before: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    row = {name: getattr(item, name) for name in item.__slots__} | {"sha256": item.sha256}
    if before is None:
        return row | {"arrived": now, "altered": now}
    same = before["sha256"] == row["sha256"]
    return row | {"arrived": before["arrived"], "altered": before["altered"] if same else now}


def arrivals(rows: pa.Table, before: pa.Table, now: datetime) -> pa.Table:
    """Indicators with when each was first had here: what was there before keeps its time."""
    place = rows.schema.get_field_index("arrived")
    at = pa.scalar(now, TIME)
    came = pa.array([now], TIME).take(pa.array([0] * rows.num_rows, pa.int64()))
    if before.num_rows:
        found = pc.index_in(_names(rows), value_set=_names(before))
        came = pc.coalesce(before["arrived"].combine_chunks().take(found), at)
    return rows.set_column(place, rows.schema.field("arrived"), came)


def _names(rows: pa.Table) -> Any:
    parts: Sequence[Any] = [rows[name] for name in ("kind", "value", "source")]
    return pc.binary_join_element_wise(*parts, "\x1f").combine_chunks()
