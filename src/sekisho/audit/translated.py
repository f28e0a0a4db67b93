"""Addresses that sensors see in the place of others: who is meant, and what nobody can say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from sekisho.audit.evidence import rows_of
from sekisho.model.addresses import key, text_of
from sekisho.model.sites import Translation
from sekisho.store.history import ENDS
from sekisho.store.lake import Lake

NAMED = 3
MOST = 10_000
_WHOLE = (0, 65535)


class Translations:
    """The entries of `nat:`, asked by record and by connection."""

    def __init__(self, entries: Iterable[Translation]) -> None:
        self._seen: dict[tuple[Any, ...], list[Translation]] = defaultdict(list)
        self._of: dict[tuple[Any, ...], list[Translation]] = defaultdict(list)
        for one in entries:
            self._seen[one.realm, *key(one.translated)].append(one)
            self._of[one.realm, *key(one.original)].append(one)

    def unsettled(self, row: Mapping[str, Any], sensors: frozenset[str], at: datetime) -> bool:
        """Whether sensors see an end of a connection under another address at some times or ports, but not
        at all ports then: what they have of it may stand under that address."""
        for end in ("src", "dst"):
            named = tuple(row[f"{end}_{part}"] for part in ("realm", "hi", "lo"))
            here = [
                one for one in self._of.get(named, ()) if one.sensor is None or one.sensor in sensors
            ]
            if here and not any(one.ports == _WHOLE and one.validity.holds(at) for one in here):
                return True
        return False

    def notes(self, lake: Lake, begin: datetime | None, end: datetime | None) -> Iterator[str]:
        """Connections of the window with an end that stands for another, nobody knows which."""
        if not self._seen:
            return
        names = list(self._seen)
        asked = pa.table([list(column) for column in zip(*names, strict=True)], schema=ENDS)
        left = [
            row
            for row in rows_of(lake.touching(asked, MOST))
            if (begin is None or row["last"] >= begin) and (end is None or row["first"] < end)
        ]
        if left:
            yield _unresolved(left, set(names))


def _unresolved(rows: Sequence[Mapping[str, Any]], names: set[tuple[Any, ...]]) -> str:
    ends = {
        text_of(row[f"{end}_hi"], row[f"{end}_lo"])
        for row in rows
        for end in ("src", "dst")
        if (row[f"{end}_realm"], row[f"{end}_hi"], row[f"{end}_lo"]) in names
    }
    some = ", ".join(sorted(ends)[:NAMED]) + (", ..." if len(ends) > NAMED else "")
    count = "1 connection bears" if len(rows) == 1 else f"{len(rows)} connections bear"
    return (
        f"{count} a translated address ({some}) at times, ports or sensors that no entry of `nat:` speaks"
        " of: judged as logged, whoever that was"
    )
