"""Which files hold a window's rows, from what the manifest listed when it was opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from sekisho.store import snapshot
from sekisho.store.eras import Span
from sekisho.store.layout import Layout
from sekisho.store.manifest import reading
from sekisho.store.months import days_in, month_of
from sekisho.store.queries.columns import DAY
from sekisho.store.queries.months import DAY_LEVEL, MONTH_LEVEL
from sekisho.store.snapshot import Damage


class Contents:
    """One window's roll-ups that are whole, and what its days are built from.

    `damage` names files that are not whole, `pruned` the days (numbers) whose raw flows are gone.
    """

    def __init__(self, layout: Layout, listed: snapshot.Listed, *, by_month: bool) -> None:
        self.layout = layout
        self.listed = listed
        good, bad = snapshot.whole(layout, listed.rollups)
        self.damage: list[Damage] = list(bad)
        self.pruned: Sequence[int] = sorted(listed.pruned & {one.day for one in listed.rollups})
        self._days = {one.day: one for one in good}
        self._months = {one.month: one for one in listed.months if by_month and self._whole(one)}

    @classmethod
    def of(
        cls,
        layout: Layout,
        connection: sqlite3.Connection,
        window: tuple[int, int],
        *,
        by_month: bool = True,
    ) -> Contents:
        """Of the window (begin, end), microseconds; `by_month` False: no months."""
        begin, end = window
        last = -(-end // DAY) - 1 if begin < end else begin // DAY - 1
        with reading(connection):
            return cls(layout, snapshot.listed(connection, begin // DAY, last), by_month=by_month)

    def _whole(self, month: snapshot.Month) -> bool:
        """Whether all days of the month lie in the window, and its file and theirs are whole."""
        return snapshot.wrong_size(self.layout, month.path, month.size) is None and all(
            day in self._days for day in month.days
        )

    def months(self) -> tuple[list[Path], list[Span]]:
        """Files of the months that lie wholly in the window, and their spans."""
        paths = [self.layout.absolute(one.path) for one in self._months.values()]
        return paths, [
            Span(MONTH_LEVEL, month * DAY, (month + days_in(month)) * DAY) for month in self._months
        ]

    def other_days(self) -> tuple[list[Path], list[Span]]:
        """Files of the days that none of these months sums up, and their spans."""
        summed = {day for month in self._months.values() for day in month.days}
        return self._of_days([day for day in self._days if day not in summed])

    def days_of(self, months: Sequence[int]) -> tuple[list[Path], list[Span]]:
        """Files of the days of months (their begins, microseconds), and their spans."""
        return self._of_days([day for begin in months for day in self._months[begin // DAY].days])

    def without_raw(self, days: Sequence[int]) -> list[int]:
        """Those of the days (their begins) whose raw flows are gone."""
        return [begin for begin in days if begin // DAY in self.listed.pruned]

    def _of_days(self, days: Sequence[int]) -> tuple[list[Path], list[Span]]:
        paths = [self.layout.absolute(self._days[day].path) for day in days]
        return paths, [Span(DAY_LEVEL, day * DAY, (day + 1) * DAY) for day in days]


def month_begin(day: int) -> int:
    """Where the month begins of the day that begins at `day`; microseconds."""
    return month_of(day // DAY) * DAY
