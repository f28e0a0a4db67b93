"""Scheduled tasks that run from where every user may write, or run a script in disguise (ATT&CK T1053.005)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sekisho.fleet.checks.commands import odd
from sekisho.fleet.collections.base import Row


class ScheduledTasks:
    """`scheduled-tasks`."""

    name = "scheduled-tasks"
    tables = ("scheduled_tasks",)
    never_empty = True
    queries: Mapping[str, str] = {
        "scheduled_tasks": "SELECT name, action, path, enabled, hidden FROM scheduled_tasks"
    }

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """See `Timeless.judge`."""
        for row in tables["scheduled_tasks"]:
            command = f"{row.get('action', '')} {row.get('arguments', '')}".strip()
            if why := odd(command):
                yield f"task {row.get('name') or row.get('path', '?')} {why}: {command}"
