"""The rows of a window: months and days from roll-ups, pieces of days from their raw flows."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import pyarrow as pa

from sekisho.model.flows import FLOW_SCHEMA
from sekisho.store import building, refresh, snapshot
from sekisho.store.engines.base import Engine
from sekisho.store.eras import Span
from sekisho.store.layout import Layout
from sekisho.store.manifest import reading
from sekisho.store.months import days_in, month_of
from sekisho.store.queries import conversations, levels, months, rollup, sources
from sekisho.store.queries.columns import DAY, PORT
from sekisho.store.snapshot import Damage
from sekisho.store.stage import Stage, pieces


def stage(
    layout: Layout,
    connection: sqlite3.Connection,
    engine: Engine,
    window: tuple[int, int],
    *,
    by_month: bool = True,
) -> Stage:
    """The rows of `window` (begin, end), ready to be judged; all times are microseconds.

    The roll-ups are up to date. Files that are not whole are left out and named in `Stage.damage`.
    `by_month` False: days are not summed up, so that it is known on which of them something was seen.
    """
    begin, end = window
    last = -(-end // DAY) - 1 if begin < end else begin // DAY - 1
    with reading(connection):
        listed = snapshot.listed(connection, begin // DAY, last)
    return Stage(engine, _Rows(layout, listed, engine, by_month=by_month), begin, end)


class _Rows:
    """One window's rows, from what the manifest listed when it was opened."""

    def __init__(
        self, layout: Layout, listed: snapshot.Listed, engine: Engine, *, by_month: bool
    ) -> None:
        self._layout = layout
        self._listed = listed
        self._engine = engine
        self.damage: list[Damage] = []
        self.pruned: Sequence[int] = sorted(listed.pruned & {one.day for one in listed.rollups})
        self._days = self._whole()
        self._months = self._whole_months() if by_month else {}
        engine.register("no_flows", FLOW_SCHEMA.empty_table())
        empty = rollup.rollup(
            f"({conversations.two_way('no_flows')})", 0, str(rollup.ONLY), "0::BIGINT", PORT
        )
        engine.run(f"CREATE OR REPLACE TEMP VIEW no_rows AS {months.rows_of_days(f'({empty})')}")

    def _whole(self) -> dict[int, snapshot.Rollup]:
        good, bad = snapshot.whole_rollups(self._layout, self._listed.rollups)
        self.damage.extend(bad)
        return {one.day: one for one in good}

    def _whole_months(self) -> dict[int, snapshot.Month]:
        """Months whose every day with flows lies in the window, and whose file is whole."""
        found = {}
        for one in self._listed.months:
            if snapshot.wrong_size(self._layout, one.path, one.size) is None and all(
                day in self._days for day in one.days
            ):
                found[one.month] = one
        return found

    def coarse(self) -> tuple[str, list[Span]]:
        """Months that lie wholly in the window, and the other days of it."""
        relations, spans = ["no_rows"], []
        if self._months:
            paths = [self._layout.absolute(one.path) for one in self._months.values()]
            relations.append(f"({months.rows_of_months(sources.parquet(paths))})")
            spans += [
                Span(months.MONTH_LEVEL, month * DAY, (month + days_in(month)) * DAY)
                for month in self._months
            ]
        days = [day for day in self._days if month_of(day) not in self._months]
        if days:
            relations.append(self._of_days(days))
            spans += [_day(day) for day in days]
        self._engine.run(levels.rows("coarse_rows", relations))
        return "coarse_rows", spans

    def days(self, begins: Sequence[int]) -> tuple[str, list[Span]]:
        """The days of months of the connections in `loose`."""
        wanted = [day for begin in begins for day in self._months[begin // DAY].days]
        month = pa.table(
            {
                "span": pa.array([day * DAY for day in wanted], pa.int64()),
                "month": pa.array([month_of(day) * DAY for day in wanted], pa.int64()),
            }
        )
        self._engine.register("month_days", month)
        rows = levels.days_of_months(self._of_days(wanted))
        self._engine.run(f"CREATE OR REPLACE TEMP TABLE finer_rows AS {rows}")
        return "finer_rows", [_day(day) for day in wanted]

    def pieces(self, begins: Sequence[int], cuts: Sequence[int]) -> tuple[str, list[Span]]:
        """Days of the connections in `loose`, cut where something changes."""
        self._engine.run("CREATE OR REPLACE TEMP TABLE finest_rows AS SELECT * FROM no_rows")
        spans = []
        for begin in begins:
            day = begin // DAY
            origin, bad = refresh.day_sources(self._layout, self._listed, day)
            self.damage.extend(one for one in bad if one.day == day)
            if not origin.own:
                continue
            inside = pieces(begin, cuts)
            self._engine.run(levels.ends_of_day(day))
            building.build(
                self._engine, self._layout, origin, [span.begin for span in inside], only="wanted"
            )
            rows = levels.of_day(months.rows_of_days(building.RESULT, months.PIECE_LEVEL), day)
            self._engine.run(f"INSERT INTO finest_rows BY NAME {rows}")
            self._engine.run(f"DROP TABLE {building.RESULT}")
            spans += inside
        return "finest_rows", spans

    def blunt(self, begins: Sequence[int]) -> list[int]:
        """Days whose raw flows are gone."""
        return [begin for begin in begins if begin // DAY in self._listed.pruned]

    def _of_days(self, days: Sequence[int]) -> str:
        paths = [self._layout.absolute(self._days[day].path) for day in days]
        return f"({months.rows_of_days(sources.parquet(paths))})"


def _day(day: int) -> Span:
    return Span(months.DAY_LEVEL, day * DAY, (day + 1) * DAY)
