"""What the workspace's YARA rules say of files collected from a terminal (ATT&CK T1027, T1105)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sekisho.fleet.collections.base import Row
from sekisho.fleet.collections.looking import MATCHES

NAME = "yara"


class Yara:
    """`yara`. osquery is not asked: files are looked at here, where the rules are."""

    name = NAME
    tables = (MATCHES,)
    never_empty = False
    queries: Mapping[str, str] = {}

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """See `Timeless.judge`."""
        for row in tables[MATCHES]:
            rule = f"{row.get('rule', '?')} ({row.get('namespace', '?')})"
            yield f"{row.get('path', '?')[-250:]}: rule {rule}, SHA-256 {row.get('sha256', '?')}"
