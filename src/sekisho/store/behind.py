"""What raw flows say of days whose roll-ups are behind."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pyarrow as pa

from sekisho.store import snapshot
from sekisho.store.engines.base import Engine
from sekisho.store.history import ENDS
from sekisho.store.layout import Layout
from sekisho.store.manifest import reading
from sekisho.store.queries import arrivals as questions
from sekisho.store.shapes import TOUCHING, conformed, record_table


def begun(
    layout: Layout,
    connection: sqlite3.Connection,
    open_engine: Callable[[], Engine],
    ends: pa.Table,
    before: int,
    most: int,
) -> pa.Table | None:
    """See `Lake.begun_since`."""
    with reading(connection):
        days = [day for day, _ in snapshot.dirty_days(connection) if day < before]
        if len(days) > most:
            return None
        listed = [one for day in days for one in snapshot.segments(connection, day, day)]
        superseded = snapshot.exclusions(connection, days) if days else []
    good, _ = snapshot.whole(layout, listed)
    if not good or not ends.num_rows:
        return TOUCHING.empty_table()
    with open_engine() as engine:
        engine.register("asked", conformed(ends, ENDS))
        engine.register("superseded", record_table(superseded))
        paths = [layout.absolute(one.path) for one in good]
        return engine.fetch(questions.begun(paths, superseded=bool(superseded))).cast(TOUCHING)
