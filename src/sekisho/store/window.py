"""Making a window's stage: whole days from roll-ups, days that are cut from their raw flows."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from sekisho.model.flows import FLOW_SCHEMA
from sekisho.store import building, refresh, snapshot
from sekisho.store.engines.base import Engine
from sekisho.store.layout import Layout
from sekisho.store.manifest import reading
from sekisho.store.queries import conversations, rollup, sources
from sekisho.store.queries import staging as questions
from sekisho.store.queries.columns import DAY, PORT
from sekisho.store.snapshot import Damage
from sekisho.store.stage import Stage, pieces

NO_DAYS = "no_days"
"""An empty table of connection-days: it gives a window without evidence its columns."""


def stage(
    layout: Layout,
    connection: sqlite3.Connection,
    engine: Engine,
    window: tuple[int, int],
    cuts: Sequence[int],
    epochs: Sequence[int],
) -> Stage:
    """The rows of `window` (begin, end) in the engine; all times are microseconds.

    The roll-ups are up to date. Files that are not whole are left out and named in `Stage.damage`.
    """
    begin, end = window
    split = pieces(begin, end, cuts, DAY) if begin < end else {}
    first, last = begin // DAY, -(-end // DAY) - 1
    with reading(connection):
        listed = snapshot.rollups(connection, first, last) if begin < end else []
        listed = [one for one in listed if one.day not in split]
        known = {day for (day,) in connection.execute("SELECT DISTINCT day FROM segment")}
        cut_days = {
            day: refresh.day_sources(layout, connection, day) for day in sorted(split) if day in known
        }
    good, damage = snapshot.whole_rollups(layout, listed)
    relations = [_none(engine)]
    if good:
        relations.append(sources.parquet([layout.absolute(one.path) for one in good]))
    for number, (day, (origin, bad)) in enumerate(cut_days.items()):
        damage += [one for one in bad if one.day == day]
        if origin.own:
            relations.append(_piece(engine, layout, origin, f"piece_{number}", split[day], window))
    engine.run(questions.rows(relations, epochs))
    return Stage(engine, begin, end, tuple(damage))


def _piece(
    engine: Engine,
    layout: Layout,
    origin: building.DaySources,
    name: str,
    cuts: Sequence[int],
    window: tuple[int, int],
) -> str:
    building.build(engine, layout, origin, cuts)
    begin, end = max(window[0], origin.day * DAY), window[1]
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM {building.RESULT}"
        f" WHERE piece_begin >= {int(begin)} AND piece_begin < {int(end)}"
    )
    engine.run(f"DROP TABLE {building.RESULT}")
    return name


def _none(engine: Engine) -> str:
    engine.register("no_flows", FLOW_SCHEMA.empty_table())
    flows = f"({conversations.two_way('no_flows')})"
    empty = rollup.rollup(flows, 0, str(rollup.ONLY), "0::BIGINT", PORT)
    engine.run(f"CREATE OR REPLACE TEMP TABLE {NO_DAYS} AS {empty}")
    return NO_DAYS


__all__ = ["DAY", "Damage", "stage"]
