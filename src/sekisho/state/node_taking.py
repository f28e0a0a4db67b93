"""Take ledger entries about enrolment secrets over into their table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlalchemy import Connection, insert, update

from sekisho.model.entries import Entry
from sekisho.state.node_tables import secrets

SECRET, RETIRE = "fleet.secret", "fleet.secret_retire"


def _made(connection: Connection, entry: Entry) -> None:
    body = entry.body
    connection.execute(
        insert(secrets).values(
            id=body["id"],
            hash=body["hash"],
            seq=entry.seq,
            site=body.get("site", ""),
            made=entry.at,
            by=entry.by,
            why=body.get("why", ""),
            retired_by="",
        )
    )


def _retired(connection: Connection, entry: Entry) -> None:
    connection.execute(
        update(secrets)
        .where(secrets.c.id == entry.body["id"], secrets.c.retired.is_(None))
        .values(retired=entry.at, retired_by=entry.by)
    )


TAKERS: Mapping[str, Callable[[Connection, Entry], None]] = MappingProxyType(
    {SECRET: _made, RETIRE: _retired}
)
