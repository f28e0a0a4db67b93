"""What the state holds of an incident's facts and deliveries, as the clocks take it."""

from __future__ import annotations

from datetime import datetime

from sekisho.model.validity import in_utc
from sekisho.notify.clocks import Delivery
from sekisho.notify.facts import UNKNOWN, Recorded, Sheet
from sekisho.notify.vocabulary import read_value
from sekisho.state.notice_records import NoticeEvent
from sekisho.state.notices import NoticeStore


def sheet(store: NoticeStore, incident: str, until: datetime | None = None) -> Sheet:
    """The facts of an incident; those known `until` then alone, where it is given."""
    found = [_fact(event) for event in store.events(incident) if event.action == "fact"]
    return Sheet.of(one for one in found if until is None or one.at <= until)


def deliveries(
    store: NoticeStore, incident: str, until: datetime | None = None
) -> tuple[Delivery, ...]:
    """What was delivered, in the order in which it was recorded."""
    found = [_delivery(event) for event in store.events(incident) if event.action == "delivery"]
    return tuple(one for one in found if until is None or one.at <= until)


def _fact(event: NoticeEvent) -> Recorded:
    name, text = event.body["name"], event.body["value"]
    value = None if text == UNKNOWN else read_value(name, text)
    at = in_utc(datetime.fromisoformat(event.body["at"]))
    return Recorded(name, value, at, event.body["source"], event.by, event.at, event.seq)


def _delivery(event: NoticeEvent) -> Delivery:
    body = event.body
    return Delivery(
        obligation=body["obligation"],
        stage=body["stage"],
        at=in_utc(datetime.fromisoformat(body["at"])),
        by=event.by,
        proof=body["proof"],
        name=body.get("name", ""),
        seq=event.seq,
        recorded_at=event.at,
        version=body.get("draft"),
        reviewed_by=body.get("reviewed_by"),
        unreviewed=body.get("unreviewed"),
    )
