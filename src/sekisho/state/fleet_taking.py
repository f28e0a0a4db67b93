"""Take ledger entries about the fleet over into their tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection, insert

from sekisho.model.campaigns import CAMPAIGN_ACTIONS
from sekisho.model.entries import Entry
from sekisho.model.terminals import FLEET_ACTIONS
from sekisho.state import fleet_tables as tables

FLEET, CAMPAIGN = "fleet.", "fleet.campaign"
TURN = "fleet.campaign_"


def _campaign(connection: Connection, entry: Entry) -> None:
    body = {k: v for k, v in entry.body.items() if k != "name"}
    body |= {"checks": list(entry.body["checks"]), "why": entry.body["why"]}
    connection.execute(
        insert(tables.campaigns).values(
            seq=entry.seq, name=entry.body["name"], at=entry.at, by=entry.by, body=json.dumps(body)
        )
    )


def _turn(connection: Connection, entry: Entry) -> None:
    body = {k: v for k, v in entry.body.items() if k != "campaign"}
    connection.execute(
        insert(tables.campaign_events).values(
            seq=entry.seq,
            campaign=int(entry.body["campaign"]),
            action=entry.kind.removeprefix(TURN),
            by=entry.by,
            at=entry.at,
            body=json.dumps(body, sort_keys=True),
        )
    )


def _decision(connection: Connection, entry: Entry) -> None:
    until = entry.body.get("until")
    rest = {k: v for k, v in entry.body.items() if k not in ("terminal", "until")}
    connection.execute(
        insert(tables.decisions).values(
            seq=entry.seq,
            terminal=entry.body["terminal"],
            action=entry.kind.removeprefix(FLEET),
            by=entry.by,
            at=entry.at,
            until=None if until is None else datetime.fromisoformat(until),
            body=json.dumps(rest, sort_keys=True),
        )
    )


TAKERS: Mapping[str, Callable[[Connection, Entry], None]] = MappingProxyType(
    {f"{FLEET}{action}": _decision for action in FLEET_ACTIONS}
    | {f"{TURN}{action}": _turn for action in CAMPAIGN_ACTIONS}
    | {CAMPAIGN: _campaign}
)
