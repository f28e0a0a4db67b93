"""Removing what a killed run left behind and what no reader can still be using."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sekisho.store.layout import OWN_FILE, Layout, remove_file, remove_tree
from sekisho.store.side_tables import SIDE_TABLES

GRACE_MICROSECONDS = 3_600_000_000
"""Replaced files stay for an hour: a reader may have opened its snapshot just before."""

_OWNED = re.compile(r"(?:engine|compact)-(\d+)-[0-9a-f]{12}")


def sweep_writes(layout: Layout, connection: sqlite3.Connection) -> None:
    """Remove unfinished runs and files that do not count. The caller holds the writers' lock."""
    for folder in layout.staging.glob("write-*"):
        remove_tree(folder)
    _sweep_owned(layout)
    listed = set.union(
        *(_listed(connection, table) for table in ("segment", "side_file", "reject_file"))
    )
    folders = [*layout.flows.glob("day=*"), *_beside(layout), layout.rejects]
    _remove_unlisted(layout, folders, listed)


def sweep_rebuilds(layout: Layout, connection: sqlite3.Connection) -> None:
    """Remove unfinished roll-ups. The caller holds the rebuilders' lock."""
    for folder in layout.staging.glob("rollup-*"):
        remove_tree(folder)
    _remove_unlisted(
        layout,
        layout.rollups.glob("day=*"),
        _listed(connection, "rollup") | _listed(connection, "base"),
    )
    _remove_unlisted(layout, layout.months.glob("month=*"), _listed(connection, "month"))


def sweep_garbage(layout: Layout, connection: sqlite3.Connection, now: int) -> None:
    """Remove files that were replaced more than an hour before `now` (microseconds)."""
    rows = connection.execute(
        "SELECT path FROM garbage WHERE since < ?", (now - GRACE_MICROSECONDS,)
    ).fetchall()
    for (path,) in rows:
        remove_file(layout.absolute(path))
        connection.execute("DELETE FROM garbage WHERE path = ?", (path,))


def _beside(layout: Layout) -> Iterator[Path]:
    for table in SIDE_TABLES:
        yield from (layout.root / table.name).glob("day=*")


def _listed(connection: sqlite3.Connection, table: str) -> set[str]:
    rows = connection.execute(f"SELECT path FROM {table} UNION ALL SELECT path FROM garbage")
    return {path for (path,) in rows}


def _remove_unlisted(layout: Layout, folders: Iterator[Path] | list[Path], listed: set[str]) -> None:
    for folder in folders:
        if not folder.is_dir():
            continue
        for path in folder.iterdir():
            if OWN_FILE.fullmatch(path.name) and str(path.relative_to(layout.root)) not in listed:
                remove_file(path)


def _sweep_owned(layout: Layout) -> None:
    """What belongs to a process that is no more."""
    for folder in (*layout.staging.glob("engine-*"), *layout.staging.glob("compact-*")):
        match = _OWNED.fullmatch(folder.name)
        if match and not _alive(int(match[1])):
            remove_tree(folder)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
