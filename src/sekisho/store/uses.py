"""Questions about how connections were used: by the day, by the conversation, by the session."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime

import pyarrow as pa

from sekisho.store import contacts, habits, sessions
from sekisho.store.base import microseconds
from sekisho.store.engines.base import Engine
from sekisho.store.layout import Layout
from sekisho.store.queries.columns import DAY

Window = Callable[[datetime | None, datetime | None], tuple[int, int]]
"""Microseconds of a window; an open side is where the evidence begins or ends."""


class Uses:
    """Reads the roll-ups and raw flows of connections; `refresh` brings roll-ups up to date before."""

    def __init__(
        self,
        layout: Layout,
        connection: sqlite3.Connection,
        engine: Callable[[], Engine],
        refresh: Callable[[], None],
        window: Window,
    ) -> None:
        self._layout = layout
        self._connection = connection
        self._engine = engine
        self._refresh = refresh
        self._window = window

    def habits(
        self,
        connections: pa.Table,
        *,
        least: int | None = None,
        most: int = 0,
        floor: int = 0,
        times: int = 1,
        habit: int = 24,
        since: datetime | None = None,
        before: datetime | None = None,
        fresh: bool = True,
    ) -> pa.Table:
        """How connections (keys) were used day by day, before a time: see `sekisho.store.habits`.

        `fresh` False: roll-ups are taken as they are, and days that changed since are not made anew.
        """
        if fresh:
            self._refresh()
        bounds = {"most": most, "floor": floor, "times": times, "habit": habit}
        bounds |= {n: microseconds(at) // DAY for n, at in (("since", since), ("before", before)) if at}
        return habits.habits(
            self._layout, self._connection, self._engine, connections, least=least, **bounds
        )

    def usual(self, connections: pa.Table, **bounds: int) -> pa.Table:
        """What would be unlike their days so far, from roll-ups as they are: `sekisho.store.habits.usual`."""
        return habits.usual(self._layout, self._connection, self._engine, connections, **bounds)

    def contacts(
        self, connections: pa.Table, begin: datetime | None = None, end: datetime | None = None
    ) -> contacts.Contacts:
        """The conversations of connections (keys) that start in a window, without their records: when,
        how long, how much the initiator sent. The embedded engine reads the raw flows."""
        self._refresh()
        start, stop = self._window(begin, end)
        return contacts.contacts(self._layout, self._connection, self._engine, connections, start, stop)

    def sessions(
        self, connections: pa.Table, begin: datetime | None = None, end: datetime | None = None
    ) -> sessions.Sessions:
        """The sessions of connections (keys) that start in a window, as every sensor saw them: when, how
        long, how much went either way. The embedded engine reads the raw flows."""
        self._refresh()
        start, stop = self._window(begin, end)
        return sessions.sessions(self._layout, self._connection, self._engine, connections, start, stop)

    def daily(self, connections: pa.Table, floor: int = 0) -> pa.Table:
        """Connection-days of connections (keys) over all time, from roll-ups: `sessions.DAYS`; of those
        alone by which `floor` bytes and more may have gone one way."""
        self._refresh()
        return sessions.daily(self._layout, self._connection, self._engine, connections, floor)
