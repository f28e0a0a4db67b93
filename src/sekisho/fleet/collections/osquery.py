"""osquery's result logs: snapshots, and differential results as events or batches.

A differential log says what changed. Only with the first result of a query (`counter` 0) is what it adds up to
all that there is; without it nothing found is not nothing there. Source: osquery's documentation, "Logging".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sekisho.fleet.collections.base import Collection, Row, machine, object_of, row_of, text_of, time_of
from sekisho.model.terminals import Aside, Sighting

ONLY_CHANGES = "only changes were logged, not the first result: log it as a snapshot"


def is_osquery(record: Mapping[str, Any]) -> bool:
    """Whether a record is of a result log."""
    return "hostIdentifier" in record and "name" in record


def read(lines: Iterable[tuple[int, bytes]], names: Iterable[str]) -> Collection:
    """Machines of a result log; `names` are the tables that are known. Lines are numbered from 1."""
    found = Collection()
    known = sorted(names, key=len, reverse=True)
    others = 0
    for number, line in lines:
        try:
            record = object_of(line)
            table = named(text_of(record.get("name")), known)
            if table is None:
                others += 1
                continue
            _take(found, _who(record), table, record)
        except ValueError as error:
            found.aside.append(Aside(number, str(error)))
    if others:
        found.notes.append(f"{others} results of queries that no check reads")
    return found


def named(name: str, known: Iterable[str]) -> str | None:
    """The table that a query is named after: `services`, `pack/sekisho/services`, `pack_sekisho_services`."""
    text = name.casefold().replace("-", "_")
    return next((t for t in known if text == t or text.endswith((f"/{t}", f"_{t}", f".{t}"))), None)


def _who(record: Mapping[str, Any]) -> Sighting:
    decorations = record.get("decorations")
    more = decorations if isinstance(decorations, Mapping) else {}
    hostname, uuid = text_of(more.get("hostname")), text_of(more.get("host_uuid"))
    if hostname or uuid:
        return machine(hostname, uuid)
    # What identifies a host is a setting of osquery's: its name, its UUID, or one made for the instance.
    given = text_of(record["hostIdentifier"])
    try:
        return machine("", given)
    except ValueError:
        return machine(given)


def _take(found: Collection, who: Sighting, table: str, record: Mapping[str, Any]) -> None:
    gathered = found.table(who, table)
    at = time_of(record.get("unixTime"))
    if at is not None and (gathered.collected is None or at >= gathered.collected):
        gathered.collected = at
    snapshot = record.get("snapshot")
    if snapshot is not None:
        if not isinstance(snapshot, list):
            raise ValueError("a snapshot is no list")
        # Each snapshot is all that there is, so the last one stands alone.
        gathered.rows.clear()
        gathered.whole, gathered.why = True, ""
        for row in snapshot:
            gathered.add(row_of(row))
        return
    if record.get("counter") in (0, "0"):
        gathered.rows.clear()
        gathered.whole, gathered.why = True, ""
    elif not gathered.rows and gathered.whole and not gathered.why:
        gathered.whole, gathered.why = False, ONLY_CHANGES
    for action, row in _changes(record):
        if action == "added":
            gathered.add(row)
        elif row in gathered.rows:
            gathered.rows.remove(row)


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
