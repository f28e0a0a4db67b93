"""Take ledger entries about facts and deliveries over into their table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlalchemy import Connection, insert

from sekisho.model.entries import Entry
from sekisho.state import notice_tables as tables
from sekisho.state.notice_records import NOTICE_ACTIONS

NOTICE = "notify."
_NEEDED = {
    "fact": ("name", "value", "at", "source"),
    "delivery": ("obligation", "stage", "at", "proof"),
    "draft": ("obligation", "stage", "at", "sha256"),
    "approval": ("document", "digest", "person", "key", "signature"),
    "lesson": ("id", "text"),
    "action": ("id", "text", "owner", "due"),
    "closing": ("action", "kind", "ref", "says"),
    "coding": ("field", "value"),
}


def _event(connection: Connection, entry: Entry) -> None:
    action = entry.kind.removeprefix(NOTICE)
    for key in _NEEDED[action]:
        if not isinstance(entry.body[key], str):
            raise ValueError(f"`{key}` is no text")
    connection.execute(
        insert(tables.events).values(
            seq=entry.seq,
            incident=entry.body["incident"],
            action=action,
            by=entry.by,
            at=entry.at,
            body=json.dumps(dict(entry.body), sort_keys=True),
        )
    )


TAKERS: Mapping[str, Callable[[Connection, Entry], None]] = MappingProxyType(
    {f"{NOTICE}{action}": _event for action in NOTICE_ACTIONS}
)
