"""Addresses that sensors see in the place of others: who is meant, and what nobody can say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from sekisho.audit.evidence import Key, key_of, rows_of
from sekisho.model.addresses import key, text_of
from sekisho.model.findings import Check
from sekisho.model.sites import Translation
from sekisho.store.history import ENDS
from sekisho.store.lake import Lake

End = tuple[Any, ...]
"""(realm, hi, lo)"""
CHECK = "nat_unresolved"
NAMED = 3
MOST = 10_000
_WHOLE = (0, 65535)
_NEAR = timedelta(minutes=1)
"""By which clocks may differ."""


class Translations:
    """Who is meant by what `nat:` and the logs of gateways say, asked of a window's connections."""

    def __init__(
        self, entries: Iterable[Translation], lake: Lake, begin: datetime | None, end: datetime | None
    ) -> None:
        names: dict[tuple[Any, ...], set[str]] = defaultdict(set)
        self._of: dict[tuple[Any, ...], list[Translation]] = defaultdict(list)
        for one in entries:
            names[one.realm, *key(one.translated)].add(str(one.original))
            self._of[one.realm, *key(one.original)].append(one)
        self._stood: dict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
        """By a host's address those that gateways put in its place."""
        for row in rows_of(lake.translated(begin, end)):
            seen = row["realm"], row["seen_hi"], row["seen_lo"]
            names[seen].add(text_of(row["hi"], row["lo"]))
            self._stood[row["realm"], row["hi"], row["lo"]].append(seen)
        # In order already: every finding asks for the first few.
        self._names = {seen: tuple(sorted(hosts)) for seen, hosts in names.items()}
        self._left = list(_bearing(names, lake, begin, end)) if names else []
        self._bearing: dict[Key, list[tuple[datetime, datetime]]] = defaultdict(list)
        for left in self._left:
            self._bearing[key_of(left)].append((left["first"], left["last"]))

    def unsettled(self, row: Mapping[str, Any], sensors: frozenset[str], at: datetime) -> bool:
        """Whether sensors see an end of a connection under another address at some times or ports, but not
        at all ports then, or under one that a gateway put in its place for which nobody can say whose a
        connection is: what they have of it may stand under that address."""
        for end in ("src", "dst"):
            named = tuple(row[f"{end}_{part}"] for part in ("realm", "hi", "lo"))
            here = [
                one for one in self._of.get(named, ()) if one.sensor is None or one.sensor in sensors
            ]
            if here and not any(one.ports == _WHOLE and one.validity.holds(at) for one in here):
                return True
            for realm, hi, lo in self._stood.get(named, ()):
                under: dict[str, Any] = {f"{end}_realm": realm, f"{end}_hi": hi, f"{end}_lo": lo}
                spans = self._bearing.get(key_of({**row, **under}), [])
                if any(first - _NEAR <= at <= last + _NEAR for first, last in spans):
                    return True
        return False

    def unresolved(self, of: Key) -> Check | None:
        """What is to be said of a connection as it is judged, where an end of it still stands for others."""
        return unresolved(of, self._names)

    def notes(self) -> Iterator[str]:
        """Connections of the window with an end that stands for another, nobody knows which."""
        if self._left:
            yield _unresolved(self._left, self._names)


def unresolved(of: Key, names: Mapping[End, Collection[str]]) -> Check | None:
    """What is to be said of a connection where an end of it stands for others; `names` are those by it."""
    said = []
    for end in (of[:3], of[3:6]):
        hosts = sorted(names.get(end, ()))
        if hosts:
            some = ", ".join(hosts[:NAMED])
            more = f" and {len(hosts) - NAMED} more" if len(hosts) > NAMED else ""
            said.append(f"{text_of(end[1], end[2])} stands for {some}{more}")
    if not said:
        return None
    return Check(
        id=CHECK,
        text=f"{'; '.join(said)}: no entry of `nat:` and no gateway's log says for whom in these flows,"
        " which are judged as logged",
    )


def _bearing(
    names: Iterable[tuple[Any, ...]], lake: Lake, begin: datetime | None, end: datetime | None
) -> Iterator[Mapping[str, Any]]:
    asked = pa.table([list(column) for column in zip(*names, strict=True)], schema=ENDS)
    for row in rows_of(lake.touching(asked, MOST)):
        if (begin is None or row["last"] >= begin) and (end is None or row["first"] < end):
            yield row


def _unresolved(rows: Sequence[Mapping[str, Any]], names: Mapping[tuple[Any, ...], Any]) -> str:
    ends = {
        text_of(row[f"{end}_hi"], row[f"{end}_lo"])
        for row in rows
        for end in ("src", "dst")
        if (row[f"{end}_realm"], row[f"{end}_hi"], row[f"{end}_lo"]) in names
    }
    some = ", ".join(sorted(ends)[:NAMED]) + (", ..." if len(ends) > NAMED else "")
    count = "1 connection bears" if len(rows) == 1 else f"{len(rows)} connections bear"
    return (
        f"{count} a translated address ({some}) at times, ports or sensors that no entry of `nat:` and"
        " no gateway's log settles: judged as logged, whoever that was"
    )
