"""Which files of what stands beside the flows are to be read, and what of them counts."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from sekisho.store.layout import Layout
from sekisho.store.shapes import record_table
from sekisho.store.side_tables import SideTable
from sekisho.store.snapshot import Damage, wrong_size


def files_of(
    layout: Layout,
    connection: sqlite3.Connection,
    table: SideTable,
    first: int | None,
    last: int | None,
    spans: Sequence[tuple[int, int]] = (),
) -> tuple[list[Path], tuple[Damage, ...]]:
    """Files of the days from `first` to `last`, both included, and those not whole; only of days in one of
    the `spans` where there are any."""
    found = connection.execute(
        "SELECT day, path, size, rows, lost FROM side_file WHERE side = ?3"
        " AND (?1 IS NULL OR day >= ?1) AND (?2 IS NULL OR day <= ?2) ORDER BY day, id",
        (first, last, table.name),
    ).fetchall()
    good: list[Path] = []
    bad: list[Damage] = []
    for day, path, size, rows, lost in found:
        if spans and not any(begin <= day <= stop for begin, stop in spans):
            continue
        reason = lost or wrong_size(layout, path, size)
        if reason is None:
            good.append(layout.absolute(path))
        else:
            bad.append(Damage(path, None, rows, reason))
    return good, tuple(bad)


def counted(connection: sqlite3.Connection, table: SideTable) -> tuple[pa.Table, pa.Table]:
    """Files that gave rows (file, path, sha256), and the half lines that do not count (file, row)."""
    files = connection.execute(
        "SELECT f.id, f.path, f.content_sha256 FROM file f"
        " JOIN file_side n ON n.file = f.id AND n.side = ?",
        (table.name,),
    ).fetchall()
    out = connection.execute(
        "SELECT e.file, e.row FROM exclusion e JOIN file_side n ON n.file = e.file AND n.side = ?",
        (table.name,),
    ).fetchall()
    return (
        pa.table(
            {
                "file": pa.array([row[0] for row in files], pa.int32()),
                "path": pa.array([row[1] for row in files], pa.string()),
                "sha256": pa.array([row[2] for row in files], pa.string()),
            }
        ),
        record_table(out),
    )
