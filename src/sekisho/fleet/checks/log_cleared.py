"""Security logs that were cleared (event 1102), or that lack records in between (ATT&CK T1070.001)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sekisho.fleet.collections.base import Row


class LogCleared:
    """`log-cleared`. osquery keeps no such table: the log itself is imported."""

    name = "log-cleared"
    tables = ("security_log",)
    never_empty = False
    queries: Mapping[str, str] = {}

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """See `Timeless.judge`."""
        return told(tables["security_log"])


def told(rows: Sequence[Row]) -> Iterable[str]:
    """What event logs say of themselves, in sentences."""
    for row in rows:
        channel = row.get("channel", "")
        if row.get("what") == "cleared":
            by = f" by {row['user']}" if row.get("user") else ""
            yield f"the {channel} log was cleared at {row.get('time', '?')}{by}"
        elif row.get("what") == "hidden":
            yield f"records were taken out of sight: {row.get('text', '')}"
        elif row.get("what") == "missing":
            yield f"the {channel} log lacks records: {row.get('text', '')}"
