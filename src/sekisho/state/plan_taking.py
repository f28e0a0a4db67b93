"""Take ledger entries about containment plans over into their tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlalchemy import Connection, insert

from sekisho.model.entries import Entry
from sekisho.model.restrictions import STATES
from sekisho.state import fleet_tables
from sekisho.state import plan_tables as tables
from sekisho.state.plan_records import PLAN_ACTIONS

DRAFT, PLAN, PROBE = "plan.draft", "plan.", "plan.probe"


def _drafted(connection: Connection, entry: Entry) -> None:
    connection.execute(
        insert(tables.plans).values(
            seq=entry.seq,
            id=entry.body["plan"],
            at=entry.at,
            by=entry.by,
            body=json.dumps(dict(entry.body), sort_keys=True),
        )
    )


def _event(connection: Connection, entry: Entry) -> None:
    state = entry.body["state"]
    if state not in STATES:
        raise ValueError(f"{state!r} is no state of a plan")
    connection.execute(
        insert(tables.events).values(
            seq=entry.seq,
            plan=entry.body["plan"],
            action=entry.kind.removeprefix(PLAN),
            state=state,
            by=entry.by,
            at=entry.at,
            body=json.dumps(dict(entry.body), sort_keys=True),
        )
    )


def _probe(connection: Connection, entry: Entry) -> None:
    """What is noted at the plan is what terminals are asked by: one entry, so that neither stands alone."""
    _event(connection, entry)
    if not entry.body["only"]:
        return
    body = {name: entry.body[name] for name in ("queries", "only", "until", "why")}
    connection.execute(
        insert(fleet_tables.campaigns).values(
            seq=entry.seq,
            name=entry.body["name"],
            at=entry.at,
            by=entry.by,
            body=json.dumps(body | {"checks": [], "ramp": [1.0]}, sort_keys=True),
        )
    )


TAKERS: Mapping[str, Callable[[Connection, Entry], None]] = MappingProxyType(
    {f"{PLAN}{action}": _event for action in PLAN_ACTIONS} | {DRAFT: _drafted, PROBE: _probe}
)
