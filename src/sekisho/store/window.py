"""Opening a window of the lake to be judged."""

from __future__ import annotations

import sqlite3

from sekisho.store.contents import Contents
from sekisho.store.engines.base import Engine
from sekisho.store.engines.portable import PortableEngine
from sekisho.store.layout import Layout
from sekisho.store.portable_rounds import PortableRounds
from sekisho.store.rounds import EmbeddedRounds
from sekisho.store.stage import Stage


def stage(
    layout: Layout,
    connection: sqlite3.Connection,
    engine: Engine,
    window: tuple[int, int],
    *,
    by_month: bool = True,
    elsewhere: PortableEngine | None = None,
) -> Stage:
    """The rows of `window` (begin, end), ready to be judged; all times are microseconds.

    The roll-ups are up to date. Files that are not whole are left out and named in `Stage.damage`.
    `by_month` False: days are not summed up, so that it is known on which of them something was seen.
    With an engine `elsewhere` the window is judged there, and `engine` does what must be done here.
    """
    contents = Contents.of(layout, connection, window, by_month=by_month)
    if elsewhere is None:
        return Stage(EmbeddedRounds(engine, contents, *window), *window)
    return Stage(PortableRounds(elsewhere, engine, contents, *window), *window)
