"""Take ledger entries about restorations, and rules that were recertified, over into their table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlalchemy import Connection, insert

from sekisho.model.entries import Entry
from sekisho.state import restore_tables as tables
from sekisho.state.restore_records import RESTORE_ACTIONS

RESTORE, RECERTIFY = "restore.", "policy.recertify"


def _event(connection: Connection, entry: Entry) -> None:
    _keep(connection, entry, entry.body["restoration"], entry.kind.removeprefix(RESTORE))


def _recertified(connection: Connection, entry: Entry) -> None:
    for name in ("rule", "hash", "site", "owner"):
        if not isinstance(entry.body[name], str):
            raise TypeError(f"{name} is no text")
    _keep(connection, entry, None, "recertify")


def _keep(connection: Connection, entry: Entry, restoration: str | None, action: str) -> None:
    connection.execute(
        insert(tables.events).values(
            seq=entry.seq,
            restoration=restoration,
            action=action,
            by=entry.by,
            at=entry.at,
            body=json.dumps(dict(entry.body), sort_keys=True),
        )
    )


TAKERS: Mapping[str, Callable[[Connection, Entry], None]] = MappingProxyType(
    {f"{RESTORE}{action}": _event for action in RESTORE_ACTIONS} | {RECERTIFY: _recertified}
)
