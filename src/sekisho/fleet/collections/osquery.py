"""osquery's result logs: snapshots, and differential results as events or batches.

A differential log says what changed. Only with the first result of a query (`counter` 0) is what it adds up to
all that there is; without it nothing found is not nothing there. Source: osquery's documentation, "Logging".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sekisho.fleet.collections.base import (
    MOST_ROWS,
    Collection,
    Gathered,
    Row,
    machine,
    object_of,
    row_of,
    text_of,
    time_of,
)
from sekisho.model.terminals import Sighting

ONLY_CHANGES = "only changes were logged, not the first result: log it as a snapshot"
_ANOTHER = "logged_in_users"
"""A table of osquery's whose name ends like one that checks read, and which is another."""
PARTLY = "a part of it could not be read"


@dataclass(slots=True)
class _Standing:
    """Rows with how often each is there: a list would be searched for every row that is taken away. `begun`
    says that a first result was seen, `changed` that changes came since."""

    rows: Counter[tuple[tuple[str, str], ...]] = field(default_factory=Counter)
    begun: bool = False
    changed: bool = False


def is_osquery(head: bytes) -> bool:
    """Whether a file begins like a result log."""
    return b'"hostIdentifier"' in head


def read(
    lines: Iterable[tuple[int, bytes]], names: Iterable[str], who: Sighting | None = None
) -> Collection:
    """Machines of a result log; `names` are the tables that are known. Lines are numbered from 1.

    All lines are of `who` where that is known, whatever they say themselves.
    """
    found = Collection()
    known = sorted(names, key=len, reverse=True)
    others = 0
    standing: dict[int, _Standing] = defaultdict(_Standing)
    for number, line in lines:
        try:
            record = object_of(line)
            table = named(text_of(record.get("name")), known)
            if table is None:
                others += 1
                continue
            gathered = found.table(who or _who(record), table)
            try:
                _take(gathered, standing[id(gathered)], record)
            except ValueError:
                # What lacks a row must not be found clean.
                gathered.whole, gathered.why = False, PARTLY
                raise
        except ValueError as error:
            found.leave(number, str(error))
    for _, tables in found.machines.values():
        for gathered in tables.values():
            for row in standing.pop(id(gathered), _Standing()).rows.elements():
                gathered.add(dict(row))
    if others:
        found.notes.append(f"{others} results of queries that no check reads")
    return found


def named(name: str, known: Iterable[str]) -> str | None:
    """The table that a query is named after: `services`, `pack/sekisho/services`, `pack_sekisho_services`.

    `disabled_services` is another question: a part of a table must not stand for the whole.
    """
    text = name.casefold().replace("-", "_")
    if text.endswith(_ANOTHER):
        return None
    # A pack's name and its query's are joined by what the agent was told to: `_` if nothing.
    packed = text.startswith("pack_")
    return next(
        (
            t
            for t in known
            if text == t or text.endswith((f"/{t}", f".{t}")) or (packed and text.endswith(f"_{t}"))
        ),
        None,
    )


def rows_of(record: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
    """Every row of one line, with what it says of it: snapshot, added or removed. Raises ValueError."""
    snapshot = record.get("snapshot")
    if snapshot is None:
        yield from _changes(record)
        return
    if not isinstance(snapshot, list):
        raise ValueError("a snapshot is no list")
    for row in snapshot:
        yield "snapshot", row_of(row)


def _who(record: Mapping[str, Any]) -> Sighting:
    decorations = record.get("decorations")
    more = decorations if isinstance(decorations, Mapping) else {}
    hostname, uuid = text_of(more.get("hostname")), text_of(more.get("host_uuid"))
    if hostname or uuid:
        return machine(hostname, uuid)
    # What identifies a host is a setting of osquery's: its name, its UUID, or one made for the instance.
    given = text_of(record.get("hostIdentifier"))
    try:
        return machine("", given)
    except ValueError:
        return machine(given)


def _take(gathered: Gathered, standing: _Standing, record: Mapping[str, Any]) -> None:
    at = time_of(record.get("unixTime"))
    if at is not None and (gathered.collected is None or at >= gathered.collected):
        gathered.collected = at
    snapshot = record.get("snapshot")
    if snapshot is not None:
        if not isinstance(snapshot, list):
            raise ValueError("a snapshot is no list")
        # Each snapshot is all that there is, so the last one stands alone.
        standing.rows.clear()
        standing.begun, standing.changed = True, True
        gathered.whole, gathered.why = True, ""
        for row in snapshot:
            _add(gathered, standing, row_of(row))
        return
    if record.get("counter") in (0, "0"):
        # One result is an event for each of its rows, all with the same counter.
        if standing.changed or gathered.why == ONLY_CHANGES:
            standing.rows.clear()
            gathered.whole, gathered.why = True, ""
        standing.begun, standing.changed = True, False
    else:
        if not standing.begun and gathered.whole:
            gathered.whole, gathered.why = False, ONLY_CHANGES
        standing.changed = True
    for action, row in _changes(record):
        if action == "added":
            _add(gathered, standing, row)
        elif standing.rows[key := tuple(sorted(row.items()))] > 1:
            standing.rows[key] -= 1
        else:
            del standing.rows[key]


def _add(gathered: Gathered, standing: _Standing, row: Row) -> None:
    key = tuple(sorted(row.items()))
    if key in standing.rows or len(standing.rows) < MOST_ROWS:
        standing.rows[key] += 1
    else:
        gathered.whole, gathered.why = False, f"more than {MOST_ROWS:,} rows"


def _changes(record: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
    batch = record.get("diffResults")
    if isinstance(batch, Mapping):
        for action in ("removed", "added"):
            rows = batch.get(action)
            for row in rows if isinstance(rows, list) else ():
                yield action, row_of(row)
        return
    action = text_of(record.get("action"))
    if action not in ("added", "removed"):
        raise ValueError("is neither a snapshot nor a change")
    yield action, row_of(record.get("columns"))
