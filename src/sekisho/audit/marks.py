"""What is said of a connection besides its verdict: recorded at one end only, automation, a changed habit.

A mark goes into the finding of its connection's verdict where there is one, and makes a finding of its own
kind where there is none: a connection has one finding, and one id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import pyarrow as pa

from sekisho.audit.coverage import Coverage
from sekisho.audit.evidence import KEYS, Key
from sekisho.inventory.register import Inventory
from sekisho.model.findings import Check, Lacking
from sekisho.model.verdicts import SEVERITIES, FindingKind, Severity
from sekisho.policy.compile import CompiledPolicy
from sekisho.store.lake import Lake
from sekisho.store.shapes import CONNECTIONS
from sekisho.store.stage import Stage


@dataclass(frozen=True, slots=True)
class Record:
    """What is on record of a connection beside flows. Times are aware UTC; `days` are those it is of."""

    first: datetime
    last: datetime
    days: int
    sensors: frozenset[str]


@dataclass(frozen=True, slots=True)
class Mark:
    """One observation about a connection. `kind` is any but `verdict`.

    `severity` is that of a finding in which nothing worse is said. `since` and `until` (aware UTC) are
    the first and the last time at which it holds, None where it is about all of the connection. `lacking`
    is what one end has no record of, where that is what it says. `record` is what shows the connection where
    no flow of it is on record: without one such a mark is of nothing.
    """

    key: Key
    kind: FindingKind
    severity: Severity
    check: Check
    since: datetime | None = None
    until: datetime | None = None
    lacking: Lacking | None = None
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a marker may look at. `stage` has been judged; the window is [begin, end), None: all."""

    lake: Lake
    stage: Stage
    inventory: Inventory
    compiled: CompiledPolicy
    coverage: Coverage
    begin: datetime | None
    end: datetime | None
    now: datetime


class Marker(Protocol):
    """One thing to be said of connections."""

    kind: FindingKind

    def marks(self, judged: Judged) -> Iterable[Mark]:
        """The marks of this kind of the window's connections, in any order."""
        ...


def by_connection(marks: Iterable[Mark]) -> dict[Key, tuple[Mark, ...]]:
    """The marks of each connection, the worst first; of one kind and check only the worst."""
    found: dict[Key, dict[tuple[FindingKind, str], Mark]] = defaultdict(dict)
    for mark in marks:
        of = found[mark.key]
        before = of.get((mark.kind, mark.check.id))
        if before is None or _order(mark) < _order(before):
            of[mark.kind, mark.check.id] = mark
    return {key: tuple(sorted(of.values(), key=_order)) for key, of in found.items()}


def chosen(marks: Iterable[Mark], of: Any | None) -> Iterable[Mark]:
    """The marks of connections in `of` (keys); all where that is None."""
    if of is None:
        return marks
    known = set(zip(*(of[name].to_pylist() for name in KEYS), strict=True))
    return [mark for mark in marks if mark.key in known]


def _order(mark: Mark) -> tuple[int, str, str, str]:
    return SEVERITIES.index(mark.severity), mark.kind, mark.check.id, mark.check.text


def keys_of(marked: Mapping[Key, object]) -> pa.Table:
    """The connections as questions to the store take them."""
    columns = zip(*marked, strict=True) if marked else ([] for _ in KEYS)
    return pa.table(dict(zip(KEYS, map(list, columns), strict=True)), schema=CONNECTIONS)


def worst(severities: Iterable[Severity]) -> Severity:
    """The worst of at least one."""
    return min(severities, key=SEVERITIES.index)
