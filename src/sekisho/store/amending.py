"""Records that came before what a gateway logged of them: whose they are is known only now."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.store import logged_translations, snapshot
from sekisho.store.engines.base import Engine
from sekisho.store.layout import Layout
from sekisho.store.manifest import reading
from sekisho.store.queries import translating
from sekisho.store.queries.columns import DAY
from sekisho.store.shapes import record_table

LOOKED_AT = 3_000_000
"""Rows of the past that are looked through at most, the last taken first."""


def amend(
    engine: Engine, layout: Layout, connection: sqlite3.Connection, first: int, fresh: pa.Table
) -> bool:
    """Fill the table `moved` with rows of files before `first` of which it is known only by `fresh` (what
    later files log, see `logged_translations.logged`) whose they are; whether there are any.

    Reads `superseded` and `translations`. What `fresh` makes doubtful moves as well: back to the ends
    that were logged.
    """
    begin, end = pc.min(fresh["begin"]).as_py(), pc.max(fresh["end"]).as_py()
    last = pc.max(fresh["file"]).as_py()
    days = begin // DAY - 1, end // DAY + 1
    with reading(connection):
        listed = snapshot.segments(connection, *days)
        names = snapshot.translating(connection, *days)
        gone = snapshot.exclusions(connection, range(days[0], days[1] + 1))
    good, _ = snapshot.whole(layout, _newest(listed))
    if not good:
        return False
    engine.register("told_of", _told_of(fresh))
    engine.register("gone", record_table(gone))
    paths = [layout.absolute(one.path) for one in good]
    engine.run(translating.earlier(paths, first, begin, end))
    if not _any(engine, "earlier"):
        return False
    files = logged_translations.paths(layout, names, *days)
    told = logged_translations.logged(engine, files, span=(begin, end), between=(0, last))
    before = None if told is None else told.filter(pc.less(told["file"], first))
    logged_translations.resolve(
        engine, "earlier", before if before is not None and len(before) else None
    )
    engine.run(translating.AS_KNOWN)
    logged_translations.resolve(engine, "as_known", told)
    engine.run(translating.MOVED)
    return _any(engine, "moved")


def _any(engine: Engine, table: str) -> bool:
    found: bool = engine.fetch(f"SELECT EXISTS (FROM {table}) AS any")["any"][0].as_py()
    return found


def _newest(listed: Iterable[snapshot.Segment]) -> list[snapshot.Segment]:
    found: list[snapshot.Segment] = []
    rows = 0
    for one in sorted(listed, key=lambda one: -one.id):
        rows += one.rows
        if found and rows > LOOKED_AT:
            break
        found.append(one)
    return found


def _told_of(fresh: pa.Table) -> pa.Table:
    """The ends that records beyond a gateway bear, either way round, each once."""
    ends = fresh.select(translating.SEEN)
    turned = ends.rename_columns([_other(name) for name in ends.column_names]).select(translating.SEEN)
    return pa.concat_tables([ends, turned]).group_by(list(translating.SEEN)).aggregate([])


def _other(name: str) -> str:
    end, _, part = name.partition("_")
    return {"src": f"dst_{part}", "dst": f"src_{part}"}.get(end, name)
