"""How connections were used day by day, from roll-ups by the embedded engine."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pyarrow as pa

from sekisho.store import snapshot
from sekisho.store.engines.base import Engine
from sekisho.store.layout import Layout
from sekisho.store.manifest import reading
from sekisho.store.queries import habits as queries
from sekisho.store.shapes import CONNECTIONS, HABITS, conformed

USUAL = pa.schema([("number", pa.int64()), ("volume", pa.int64()), ("hours", pa.int32())])
"""Of a connection, the bytes of a day and its UTC hours (bits) that would be unlike its days so far."""


def habits(
    layout: Layout,
    connection: sqlite3.Connection,
    open_engine: Callable[[], Engine],
    asked: pa.Table,
    *,
    least: int | None = None,
    most: int = 0,
    floor: int = 0,
    times: int = 1,
    habit: int = 24,
    since: int = snapshot.ALWAYS[0],
    before: int = snapshot.ALWAYS[1],
) -> pa.Table:
    """HABITS of connections (keys; `number` is the place of the key) on the days before `before` (numbers).

    With `least` only of those of which a day from `since` on may be unlike the `least` to `most` active
    days before it: by hours that are new and far from those used, of which there are at most `habit`, or
    by a volume of `times` the highest and at least `floor`.
    """
    question = (
        queries.ALL if least is None else queries.suspects(least, most, floor, times, habit, since)
    )
    return _asked(layout, connection, open_engine, asked, before, question, HABITS)


def usual(
    layout: Layout,
    connection: sqlite3.Connection,
    open_engine: Callable[[], Engine],
    asked: pa.Table,
    *,
    least: int,
    most: int,
    floor: int,
    highest: int,
    times: int,
    habit: int,
    before: int,
) -> pa.Table:
    """USUAL of connections (keys; `number` is the place of the key) that were used on `least` days before the
    day `before`, from the last `most` of them.

    `volume` is the most of `floor`, `highest` times the highest and `times` times the median; `hours` are far
    from those used, none where more than `habit` were.
    """
    question = queries.usual(least, most, floor, highest, times, habit)
    return _asked(layout, connection, open_engine, asked, before, question, USUAL)


def _asked(
    layout: Layout,
    connection: sqlite3.Connection,
    open_engine: Callable[[], Engine],
    asked: pa.Table,
    before: int,
    question: str,
    shape: pa.Schema,
) -> pa.Table:
    with reading(connection):
        listed = snapshot.rollups(connection, snapshot.ALWAYS[0], before - 1)
    good, _ = snapshot.whole(layout, listed)
    if not good or not asked.num_rows:
        return shape.empty_table()
    keys = conformed(asked, CONNECTIONS)
    with open_engine() as engine:
        numbers = pa.array(range(keys.num_rows), pa.int64())
        engine.register("asked", keys.append_column("number", numbers))
        engine.run(queries.days([layout.absolute(one.path) for one in good]))
        return engine.fetch(question).cast(shape)
