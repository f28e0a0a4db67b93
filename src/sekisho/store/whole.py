"""Whether every file of the lake is what was written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sekisho.store.layout import Layout
from sekisho.store.snapshot import Damage, wrong_size
from sekisho.store.spool import measured


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as the manifest has it; `day` is None for what holds no flows of a day."""

    path: str
    day: int | None
    rows: int
    size: int
    sha256: str


def listed(connection: sqlite3.Connection) -> list[Listed]:
    """Every file that counts, those known to be lost included."""
    rows = connection.execute(
        "SELECT path, day, rows, size, sha256 FROM segment"
        " UNION ALL SELECT path, NULL, rows, size, sha256 FROM reject_file"
        " UNION ALL SELECT path, NULL, rows, size, sha256 FROM side_file"
        " UNION ALL SELECT path, day, rows, size, sha256 FROM rollup"
        " UNION SELECT path, day, rows, size, sha256 FROM base"
        " UNION ALL SELECT path, NULL, rows, size, sha256 FROM month ORDER BY 1"
    )
    return [Listed(*row) for row in rows]


def check(
    layout: Layout, files: Sequence[Listed], progress: Callable[[str, int, int | None], None]
) -> list[Damage]:
    """What is wrong with them: gone, of another size, or of another content."""
    found = []
    for done, file in enumerate(files):
        progress("verify", done, len(files))
        reason = wrong_size(layout, file.path, file.size)
        if reason is None and measured(layout.absolute(file.path))[1] != file.sha256:
            reason = "its content is not what was written"
        if reason is not None:
            found.append(Damage(file.path, file.day, file.rows, reason))
    progress("verify", len(files), len(files))
    return found
