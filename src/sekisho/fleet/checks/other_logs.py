"""Event logs beside the Security log that were cleared (event 104), or that lack records (ATT&CK T1070.001)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sekisho.fleet.checks.log_cleared import told
from sekisho.fleet.collections.base import Row


class OtherLogs:
    """`other-logs`. Each channel says of itself; that a log was cleared stands in System."""

    name = "other-logs"
    tables = ("other_logs",)
    never_empty = False
    queries: Mapping[str, str] = {}

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """See `Timeless.judge`."""
        return told(tables["other_logs"])
