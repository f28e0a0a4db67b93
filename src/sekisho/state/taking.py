"""Take ledger entries over into the tables: what a decision means for the rows.

An entry that was appended counts only once it is here, and whatever happens in between, the entries
after the cursor are taken over at the next opening. Kinds that no table keeps only move the cursor.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError as Contradiction

from sekisho.errors import IntegrityError
from sekisho.model.entries import Entry
from sekisho.state import (
    fleet_taking,
    incident_taking,
    node_taking,
    notice_taking,
    plan_taking,
    restore_taking,
    tables,
    watch_tables,
)
from sekisho.state.records import ACTIONS, ANSWERS

FINDING, POLICY, INVENTORY = "finding.", "policy.version", "inventory.version"
RETROACTIVE, AUDIT = "rule.accept_retroactive", "audit.record"
ALERT, MAINTENANCE, MAINTENANCE_END = "alert.", "maintenance.set", "maintenance.end"


def take(connection: Connection, entry: Entry) -> None:
    """Write one entry's rows. Raises IntegrityError when its body is not what its kind promises."""
    taker = _TAKERS.get(entry.kind)
    if taker is None:
        return
    try:
        taker(connection, entry)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise IntegrityError(
            f"ledger entry {entry.seq} ({entry.kind}) cannot be understood: {error!r}"
        ) from error
    except Contradiction as error:
        raise IntegrityError(
            f"ledger entry {entry.seq} ({entry.kind}) contradicts an earlier one: {error.orig}"
        ) from error


def _time(text: Any) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _finding(connection: Connection, entry: Entry) -> None:
    body = entry.body
    connection.execute(
        insert(tables.events).values(
            seq=entry.seq,
            finding=body["finding"],
            action=entry.kind.removeprefix(FINDING),
            by=entry.by,
            at=entry.at,
            why=body.get("why", ""),
            until=_time(body.get("until")),
            assignee=body.get("assignee"),
        )
    )


def _version(connection: Connection, entry: Entry) -> None:
    body = entry.body
    connection.execute(
        insert(tables.versions).values(
            seq=entry.seq,
            kind=entry.kind.partition(".")[0],
            sha256=body["sha256"],
            seen_at=entry.at,
            by=entry.by,
        )
    )
    for position, file in enumerate(body["files"]):
        connection.execute(
            insert(tables.version_files).values(
                seq=entry.seq,
                position=position,
                path=file["path"],
                sha256=file["sha256"],
                size=file["size"],
            )
        )
    _rules(connection, entry, {rule["hash"]: rule["id"] for rule in body.get("rules", ())})


def _rules(connection: Connection, entry: Entry, active: Mapping[str, str]) -> None:
    known = set(connection.execute(select(tables.rules.c.rule_hash)).scalars())
    baseline = not connection.execute(select(func.count()).select_from(tables.rules)).scalar()
    fresh = [
        {
            "rule_hash": rule_hash,
            "rule_id": rule_id,
            "recorded_at": entry.at,
            "by": entry.by,
            "version": entry.body["sha256"],
            "baseline": baseline,
            "seq": entry.seq,
        }
        for rule_hash, rule_id in active.items()
        if rule_hash not in known
    ]
    if fresh:
        connection.execute(insert(tables.rules), fresh)


def _acceptance(connection: Connection, entry: Entry) -> None:
    connection.execute(
        insert(tables.acceptances).values(
            seq=entry.seq,
            rule_hash=entry.body["rule"],
            by=entry.by,
            at=entry.at,
            why=entry.body.get("why", ""),
        )
    )


def _audit(connection: Connection, entry: Entry) -> None:
    body = entry.body
    connection.execute(
        insert(tables.audits).values(
            seq=entry.seq,
            name=body["name"],
            at=entry.at,
            by=entry.by,
            document=body["document"],
            hashes=json.dumps(body.get("hashes", {}), sort_keys=True),
        )
    )


def _answer(connection: Connection, entry: Entry) -> None:
    body = entry.body
    connection.execute(
        insert(watch_tables.answers).values(
            seq=entry.seq,
            alert=body["alert"],
            action=entry.kind.removeprefix(ALERT),
            by=entry.by,
            at=entry.at,
            why=body.get("why", ""),
            until=_time(body.get("until")),
        )
    )


def _maintenance(connection: Connection, entry: Entry) -> None:
    body = entry.body
    scope = {name: body.get(name, []) for name in ("sites", "links", "hosts", "rules")}
    connection.execute(
        insert(watch_tables.maintenance).values(
            seq=entry.seq,
            name=body["name"],
            begin=_time(body["from"]),
            end=_time(body["until"]),
            by=entry.by,
            why=body["why"],
            scope=json.dumps(scope),
        )
    )


def _maintenance_end(connection: Connection, entry: Entry) -> None:
    table = watch_tables.maintenance
    connection.execute(
        update(table)
        .where(table.c.name == entry.body["name"], table.c.end > entry.at)
        .values(end=entry.at)
    )


_TAKERS: Mapping[str, Callable[[Connection, Entry], None]] = MappingProxyType(
    {f"{FINDING}{action}": _finding for action in ACTIONS}
    | {f"{ALERT}{action}": _answer for action in ANSWERS}
    | {MAINTENANCE: _maintenance, MAINTENANCE_END: _maintenance_end}
    | dict(incident_taking.TAKERS)
    | dict(plan_taking.TAKERS)
    | dict(restore_taking.TAKERS)
    | dict(fleet_taking.TAKERS)
    | dict(node_taking.TAKERS)
    | dict(notice_taking.TAKERS)
    | {POLICY: _version, INVENTORY: _version, RETROACTIVE: _acceptance, AUDIT: _audit}
)
