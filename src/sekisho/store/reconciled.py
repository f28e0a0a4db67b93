"""What is asked of both ends of connections between sites, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from sekisho.model.flows import TIME
from sekisho.store.shapes import LOOSE

CLASS_SITES = pa.schema([("class", pa.int32()), ("site", pa.int32())])
EDGES = pa.schema([("sensor", pa.string()), ("site", pa.int32())])
DARK = pa.schema([("site", pa.int32()), ("day", pa.int64()), ("hours", pa.int32())])
RATES = pa.schema([("site", pa.int32()), ("one_in", pa.float64())])
SAMPLED = pa.schema([("sensor", pa.string())])
_PAIR = [("src_site", pa.int32()), ("dst_site", pa.int32())]
BETWEEN_ENDS = pa.schema([*LOOSE, *_PAIR])
LOCATED = pa.schema(
    [
        *BETWEEN_ENDS,
        ("role", pa.int32()),
        ("sensor", pa.string()),
        ("days", pa.int32()),
        ("flows", pa.int64()),
        ("established", pa.int64()),
        ("first", TIME),
        ("last", TIME),
        ("hours", pa.int32()),
        ("packets_out", pa.int64()),
        ("packets_in", pa.int64()),
    ]
)
_COUNTS = [
    ("days", pa.int64()),
    ("flows", pa.int64()),
    ("first", TIME),
    ("last", TIME),
    ("hours", pa.int32()),
    ("packets", pa.int64()),
    ("elsewhere", pa.int64()),
]
_SIDE = [
    ("at_{}", pa.int64()),
    ("most_{}", pa.int64()),
    ("established_{}", pa.int64()),
    ("hours_{}", pa.int32()),
]
SIDED = pa.schema(
    [
        *BETWEEN_ENDS,
        *_COUNTS,
        *((name.format(end), kind) for end in ("src", "dst") for name, kind in _SIDE),
    ]
)
_ENDS = [("missing_at", pa.string()), ("site", pa.int32())]
_FOUND = [("here", pa.int64()), ("there", pa.int64()), ("missing", pa.int64())]
_WHY = [("answered", pa.int64()), ("alike", pa.bool_()), ("why", pa.int8())]
COMPARED = pa.schema([*BETWEEN_ENDS, *_ENDS, *_COUNTS, *_FOUND, ("without", pa.int32()), *_WHY])
CANDIDATES = pa.schema([*BETWEEN_ENDS, *_ENDS, *_COUNTS, *_FOUND, *_WHY])
WHOLE = pa.schema(
    [
        *_PAIR,
        ("connection_days", pa.int64()),
        ("flows", pa.int64()),
        ("even", pa.int64()),
        ("neither", pa.int64()),
    ]
)
UNEVEN = pa.schema(
    [
        *_PAIR,
        ("missing_at", pa.string()),
        ("partly", pa.bool_()),
        ("alike", pa.bool_()),
        ("why", pa.int8()),
        ("connection_days", pa.int64()),
        ("missing", pa.int64()),
        ("flows", pa.int64()),
    ]
)
SPREAD = pa.schema(
    [
        ("site", pa.int32()),
        ("day", pa.int64()),
        ("without", pa.int32()),
        ("missing", pa.int64()),
        ("partly", pa.int64()),
    ]
)
"""Numbers of sites begin with 1. `at_`, `most_`: flows that the sensors of an edge have together, and that
one of them has at most. `elsewhere`: flows that a sensor at neither edge has at most. `neither`:
connection-days that only such sensors have. `alike`: both edges have as many flows."""


@dataclass(frozen=True, slots=True)
class Ends:
    """Sites, by number from 1, that have sensors at their edge, as tables of these schemas.

    `class_sites`: which classes of addresses they have. `edges`: their sensors. `dark`: hours of a day (its
    begin, microseconds), one bit each, in which one of these recorded nothing or lost records. `rates`:
    sites whose sensors see one packet in so many.
    """

    class_sites: pa.Table
    edges: pa.Table
    dark: pa.Table
    rates: pa.Table

    def tables(self) -> Mapping[str, pa.Table]:
        """By the name under which questions read them."""
        return {
            "class_sites": self.class_sites.cast(CLASS_SITES),
            "edges": self.edges.cast(EDGES),
            "dark": self.dark.cast(DARK),
            "rates": self.rates.cast(RATES),
        }


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of it, in connection-days: tables WHOLE, UNEVEN, SPREAD and CANDIDATES.

    `missing_at` is the end, `src` or `dst`, that has fewer flows, `why` what explains that, as in
    `sekisho.store.queries.reconciling`. Candidates are what nothing explains so far, at most as many as were
    asked for, what one end has nothing of first.
    """

    whole: pa.Table
    uneven: pa.Table
    spread: pa.Table
    candidates: pa.Table


def added(one: pa.Table, other: pa.Table) -> pa.Table:
    """Tables WHOLE of different connection-days as one."""
    both = pa.concat_tables([one.cast(WHOLE), other.cast(WHOLE)])
    measures = ("connection_days", "flows", "even", "neither")
    pairs = both.group_by(["src_site", "dst_site"]).aggregate([(name, "sum") for name in measures])
    return pairs.rename_columns([name.removesuffix("_sum") for name in pairs.column_names]).select(
        WHOLE.names
    )
