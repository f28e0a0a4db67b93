"""Run keys and start-up folders that start what they should not (ATT&CK T1547.001)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sekisho.fleet.checks.commands import odd
from sekisho.fleet.collections.base import Row


class Startup:
    """`startup`."""

    name = "startup"
    tables = ("startup_items",)
    never_empty = False
    queries: Mapping[str, str] = {
        "startup_items": "SELECT name, path, args, source, status, username FROM startup_items"
    }

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """See `Timeless.judge`."""
        for row in tables["startup_items"]:
            command = f"{row.get('path', '')} {row.get('args', '')}".strip()
            if why := odd(command):
                yield f"start-up item {row.get('name', '?')} {why}: {command}"
