"""What the workspace's Sigma rules say of the events in a terminal's logs (ATT&CK T1059, T1021 and others)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sekisho.fleet.collections.base import Row

NAME = "sigma"


class Sigma:
    """`sigma`. No collection answers it: rules are asked of the lake, of all logs of a terminal at once."""

    name = NAME
    tables: tuple[str, ...] = ()
    never_empty = False
    queries: Mapping[str, str] = {}

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """Nothing: see `fleet.sigma.judging`."""
        return ()
