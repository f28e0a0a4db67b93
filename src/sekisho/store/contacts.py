"""The conversations of chosen connections, from raw flows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from sekisho.model.flows import Flag
from sekisho.store import snapshot
from sekisho.store.engines.base import Engine
from sekisho.store.layout import Layout
from sekisho.store.queries import contacts as queries
from sekisho.store.queries import conversations, sources
from sekisho.store.queries.columns import DAY
from sekisho.store.shapes import CONNECTIONS, CONTACTS, conformed, record_table


@dataclass(frozen=True, slots=True)
class Contacts:
    """`rows`: CONTACTS, in any order, of the window (begin, end) microseconds. `pruned` are days (numbers)
    of it whose raw flows are gone.

    Files that are not whole are left out; `Lake.damage` names them.
    """

    rows: pa.Table
    window: tuple[int, int]
    pruned: tuple[int, ...] = ()


def contacts(
    layout: Layout,
    connection: sqlite3.Connection,
    open_engine: Callable[[], Engine],
    asked: pa.Table,
    begin: int,
    end: int,
) -> Contacts:
    """Conversations of connections (keys; `number` in CONTACTS is the place of the key, from 0) that start
    within [begin, end) microseconds of their own sensor's clock, each as its busiest sensor saw it.
    """
    first, last = begin // DAY, -(-end // DAY) - 1
    found = snapshot.raw(connection, layout, first, last)
    if not found.segments or not asked.num_rows:
        return Contacts(CONTACTS.empty_table(), (begin, end), found.pruned)
    keys = conformed(asked, CONNECTIONS)
    numbers = pa.array(range(keys.num_rows), pa.int64())
    with open_engine() as engine:
        engine.register("asked", keys.append_column("number", numbers))
        engine.register("excluded", record_table(found.excluded))
        paths = [layout.absolute(one.path) for one in found.segments]
        relations = [queries.two_way(paths, begin, end, superseded=bool(found.excluded))]
        halves = [layout.absolute(one.path) for one in found.segments if one.flags & Flag.ONE_WAY]
        if halves:
            engine.run(queries.WANTED)
            engine.run(queries.rows(halves, begin, end))
            engine.run(sources.current("observed", "all_rows", excluded=bool(found.excluded)))
            engine.run(conversations.one_way("observed"))
            relations.append(queries.one_way("stitched"))
        rows = engine.fetch(queries.contacts(relations)).cast(CONTACTS)
        return Contacts(rows, (begin, end), found.pruned)
