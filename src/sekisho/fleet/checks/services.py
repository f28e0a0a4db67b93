"""Services whose program lies where every user may write, or is a script in disguise (ATT&CK T1543.003)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sekisho.fleet.checks.commands import odd
from sekisho.fleet.collections.base import Row


class Services:
    """`services`."""

    name = "services"
    tables = ("services",)
    never_empty = True
    queries: Mapping[str, str] = {
        "services": "SELECT name, path, module_path, start_type, user_account FROM services"
    }

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """See `Timeless.judge`."""
        for row in tables["services"]:
            for column in ("path", "module_path"):
                command = row.get(column, "")
                if why := odd(command):
                    yield f"service {row.get('name', '?')} {why}: {command}"
