"""Take ledger entries about incidents over into their tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, insert

from sekisho.model.entries import Entry
from sekisho.state import incident_tables as tables
from sekisho.state.incident_records import (
    EVIDENCE_STATES,
    INCIDENT_ACTIONS,
    INQUIRY_ACTIONS,
    RESULTS,
)

OPEN, INCIDENT, PRESERVE, INQUIRY = "incident.open", "incident.", "evidence.preserve", "inquiry."


def _opened(connection: Connection, entry: Entry) -> None:
    body = entry.body
    connection.execute(
        insert(tables.incidents).values(
            seq=entry.seq,
            id=body["incident"],
            title=body["title"],
            at=entry.at,
            by=entry.by,
            seeds=json.dumps(body["seeds"], sort_keys=True),
            connections=body["connections"],
            days=body["days"],
        )
    )
    rows = [
        {"incident": body["incident"], "finding": name, "seq": entry.seq} for name in body["findings"]
    ]
    if rows:
        connection.execute(insert(tables.findings), rows)


def _event(connection: Connection, entry: Entry) -> None:
    body = entry.body
    connection.execute(
        insert(tables.events).values(
            seq=entry.seq,
            incident=body["incident"],
            action=entry.kind.removeprefix(INCIDENT),
            by=entry.by,
            at=entry.at,
            text=body.get("text", ""),
            task=body.get("task", body.get("note", "")),
            assignee=body.get("assignee", ""),
            due=_time(body.get("due")),
        )
    )


def _preserved(connection: Connection, entry: Entry) -> None:
    for position, file in enumerate(entry.body["files"]):
        connection.execute(
            insert(tables.evidence).values(
                seq=entry.seq,
                position=position,
                incident=entry.body["incident"],
                by=entry.by,
                at=entry.at,
                sensor=file["sensor"],
                path=file["path"],
                content=file["content"],
                state=_one_of(file["state"], EVIDENCE_STATES),
                sha256=file.get("sha256", ""),
                size=file.get("size", 0),
                why=file.get("why", ""),
            )
        )


def _inquiry(connection: Connection, entry: Entry) -> None:
    body = entry.body
    action = entry.kind.removeprefix(INQUIRY)
    result = body.get("result", "")
    if action == "answer":
        _one_of(result, RESULTS)
    for position, asked in enumerate(body["sites"] if action == "ask" else [body]):
        connection.execute(
            insert(tables.inquiries).values(
                seq=entry.seq,
                position=position,
                incident=body["incident"],
                action=action,
                site="" if action == "start" else asked["site"],
                by=entry.by,
                at=entry.at,
                contact=asked.get("contact", ""),
                due=_time(asked.get("due")),
                result=result,
                text=body.get("text", ""),
                sha256=body.get("sha256", ""),
                name=body.get("name", ""),
                size=body.get("size", 0),
            )
        )


def _one_of(word: Any, words: tuple[str, ...]) -> str:
    if word not in words:
        raise ValueError(f"{word!r} is none of {', '.join(words)}")
    return str(word)


def _time(text: Any) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


TAKERS: Mapping[str, Callable[[Connection, Entry], None]] = MappingProxyType(
    {f"{INCIDENT}{action}": _event for action in INCIDENT_ACTIONS}
    | {f"{INQUIRY}{action}": _inquiry for action in INQUIRY_ACTIONS}
    | {OPEN: _opened, PRESERVE: _preserved}
)
