"""Who saw whom, week by week: what coverage of a link between two sites is held against."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from sekisho.model.flows import TIME
from sekisho.store import snapshot
from sekisho.store.engines.base import Engine
from sekisho.store.layout import Layout
from sekisho.store.manifest import reading
from sekisho.store.queries import sightings as queries
from sekisho.store.queries.columns import DAY
from sekisho.store.shapes import conformed

NOBODY, UNKNOWN = queries.NOBODY, queries.UNKNOWN
BETWEEN = pa.schema(
    [
        ("week", pa.int64()),
        ("sensor", pa.string()),
        ("a", pa.int32()),
        ("b", pa.int32()),
        ("flows", pa.int64()),
    ]
)
STRANGERS = pa.schema(
    [
        ("realm", pa.string()),
        ("hi", pa.int64()),
        ("lo", pa.int64()),
        ("hosts", pa.int64()),
        ("connections", pa.int64()),
        ("flows", pa.int64()),
        ("first", TIME),
        ("last", TIME),
        ("sensors", pa.list_(pa.string())),
        ("places", pa.list_(pa.int32())),
        ("networks", pa.int64()),
    ]
)
PLACES = pa.schema(
    [
        ("epoch", pa.int32()),
        ("realm", pa.string()),
        ("hi", pa.int64()),
        ("lo", pa.int64()),
        ("place", pa.int32()),
    ]
)
Places = Callable[[pa.Table], pa.Table]
"""Given (epoch, realm, hi, lo), appends `place`: a number from 0, UNKNOWN or NOBODY."""


@dataclass(frozen=True, slots=True)
class Sightings:
    """`between` is BETWEEN, `strangers` STRANGERS at most as many as asked; `networks` how many of these
    there are in all. Weeks are numbers of the day that is their Monday."""

    between: pa.Table
    strangers: pa.Table
    networks: int


def monday(day: int) -> int:
    """The number of the Monday on or before a day; 1 January 1970 was a Thursday."""
    return day - (day + 3) % 7


def sightings(
    layout: Layout,
    connection: sqlite3.Connection,
    engine: Callable[[], Engine],
    window: tuple[int, int],
    epochs: Sequence[int],
    places: Places,
    limit: int,
) -> Sightings:
    """Of the days that touch a window (microseconds); the roll-ups are up to date.

    An end's place on a day is the one it had when the day began; `epochs` are the microseconds at which
    places change.
    """
    begin, end = window
    with reading(connection):
        listed = snapshot.rollups(connection, begin // DAY, -(-end // DAY) - 1)
    good, _ = snapshot.whole(layout, listed)
    if not good:
        return Sightings(BETWEEN.empty_table(), STRANGERS.empty_table(), 0)
    days = sorted(one.day for one in good)
    weeks = {
        "day": pa.array(days, pa.int64()),
        "week": pa.array([monday(day) for day in days], pa.int64()),
        "epoch": pa.array([bisect_right(epochs, day * DAY) for day in days], pa.int32()),
    }
    with engine() as asked:
        asked.register("weeks", pa.table(weeks))
        asked.run(queries.rows([layout.absolute(one.path) for one in good]))
        asked.register("given", conformed(places(asked.fetch(queries.ENDS)), PLACES))
        asked.run("CREATE OR REPLACE TEMP TABLE places AS SELECT * FROM given")
        between = asked.fetch(queries.BETWEEN).cast(BETWEEN)
        strangers = asked.fetch(queries.STRANGERS, [limit]).cast(STRANGERS)
    networks = strangers["networks"][0].as_py() if strangers.num_rows else 0
    return Sightings(between, strangers, networks)
