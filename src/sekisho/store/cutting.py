"""Days cut into pieces where something changes within them, from their raw flows."""

from __future__ import annotations

from collections.abc import Sequence

from sekisho.model.flows import FLOW_SCHEMA
from sekisho.store import building, refresh
from sekisho.store.contents import Contents
from sekisho.store.engines.base import Engine
from sekisho.store.eras import Span
from sekisho.store.queries import conversations, levels, months, rollup
from sekisho.store.queries.columns import DAY, PORT
from sekisho.store.stage import pieces

ROWS = "finest_rows"
"""The table that is made."""


def cut(engine: Engine, contents: Contents, days: Sequence[int], cuts: Sequence[int]) -> list[Span]:
    """Make the rows of pieces of days (their begins, microseconds) of the connections in the table
    `loose`. A day whose raw flows are damaged adds to `contents.damage`.
    """
    engine.run(f"CREATE OR REPLACE TEMP TABLE {ROWS} AS {no_rows(engine)}")
    spans = []
    for begin in days:
        day = begin // DAY
        origin, bad = refresh.day_sources(contents.layout, contents.listed, day)
        contents.damage.extend(one for one in bad if one.day == day)
        if not origin.own:
            continue
        inside = pieces(begin, cuts)
        engine.run(levels.ends_of_day(day))
        building.build(engine, contents.layout, origin, [span.begin for span in inside], only="wanted")
        rows = levels.of_day(months.rows_of_days(building.RESULT, months.PIECE_LEVEL), day)
        engine.run(f"INSERT INTO {ROWS} BY NAME {rows}")
        engine.run(f"DROP TABLE {building.RESULT}")
        spans += inside
    return spans


def no_rows(engine: Engine) -> str:
    """A query of no rows of days: it gives a window without evidence its columns."""
    engine.register("no_flows", FLOW_SCHEMA.empty_table())
    flows = f"({conversations.two_way('no_flows')})"
    empty = rollup.rollup(flows, 0, str(rollup.ONLY), "0::BIGINT", PORT)
    return months.rows_of_days(f"({empty})")
