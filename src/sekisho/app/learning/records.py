"""What the state holds of what was learned from an incident."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from sekisho.model.learning import (
    ActionDocument,
    ActionState,
    ClosingDocument,
    CodedField,
    LessonDocument,
)
from sekisho.notify.deadlines import day_of
from sekisho.state.notice_records import NoticeEvent


def lessons(events: tuple[NoticeEvent, ...]) -> tuple[LessonDocument, ...]:
    """In order."""
    return tuple(
        LessonDocument(id=e.body["id"], text=e.body["text"], by=e.by, at=e.at, seq=e.seq)
        for e in events
        if e.action == "lesson"
    )


def actions(events: tuple[NoticeEvent, ...], now: datetime, zone: str) -> tuple[ActionDocument, ...]:
    """In order. One is overdue where the day it is due is over in the zone (IANA)."""
    closed: dict[str, list[ClosingDocument]] = {}
    for name, one in _closings(events):
        closed.setdefault(name, []).append(one)
    today = day_of(now, zone)
    found = []
    for e in events:
        if e.action != "action":
            continue
        due = date.fromisoformat(e.body["due"])
        evidence = tuple(closed.get(e.body["id"], ()))
        state: ActionState = "closed" if evidence else "overdue" if due < today else "open"
        found.append(
            ActionDocument(
                id=e.body["id"],
                text=e.body["text"],
                owner=e.body["owner"],
                due=due,
                lesson=e.body.get("lesson"),
                state=state,
                by=e.by,
                at=e.at,
                seq=e.seq,
                evidence=evidence,
            )
        )
    return tuple(found)


def _closings(events: tuple[NoticeEvent, ...]) -> Iterator[tuple[str, ClosingDocument]]:
    for e in events:
        if e.action == "closing":
            yield (
                e.body["action"],
                ClosingDocument(
                    kind=e.body["kind"],
                    ref=e.body["ref"],
                    says=e.body["says"],
                    sha256=e.body.get("sha256"),
                    by=e.by,
                    at=e.at,
                    seq=e.seq,
                ),
            )


def coded(events: tuple[NoticeEvent, ...]) -> Mapping[str, CodedField]:
    """The latest of each field; one that was emptied is not there."""
    found: dict[str, CodedField] = {}
    for e in events:
        if e.action != "coding":
            continue
        name, value = e.body["field"], e.body["value"]
        if value:
            values = tuple(value.split(","))
            found[name] = CodedField(field=name, values=values, by=e.by, at=e.at, seq=e.seq)
        else:
            found.pop(name, None)
    return found
