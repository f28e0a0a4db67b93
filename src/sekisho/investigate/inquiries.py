"""Asking every site: in which one state each of them is, from what was asked and answered.

Overdue follows from the clock that is passed in; nobody has to note it. `affected` stays until an answer
clears the site: asking again, or an answer that nobody has weighed yet, must not make it look better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import get_args
from zoneinfo import ZoneInfo

from sekisho.audit.causes.words import plural
from sekisho.model.incident_state import (
    Answer,
    AnswerFile,
    InquiryDocument,
    InquiryState,
    SiteInquiry,
)
from sekisho.model.sites import Site
from sekisho.state.incident_records import InquiryEvent, Result

STATES: tuple[InquiryState, ...] = get_args(InquiryState)


@dataclass(slots=True)
class _Asked:
    """What is known of one site so far. `open_since` is set while a question has no answer."""

    contact: str = ""
    open_since: datetime | None = None
    asked: datetime | None = None
    due: datetime | None = None
    result: Result | None = None
    answers: list[Answer] = field(default_factory=list)

    def take(self, event: InquiryEvent) -> None:
        self.contact = event.contact or self.contact
        if event.action == "ask":
            self.open_since = self.asked = event.at
            self.due = event.due
            return
        self.open_since = None
        result = event.result or "answered"
        if not (self.result == "affected" and result == "answered"):
            self.result = result
        self.answers.append(_answer(event, result))

    def state(self, now: datetime) -> InquiryState:
        if self.result == "affected":
            return "affected"
        if self.open_since is not None:
            return "overdue" if self.due is not None and self.due <= now else "asked"
        return self.result or "not_asked"


def inquiry(
    incident: str,
    sites: Mapping[str, Site],
    events: Sequence[InquiryEvent],
    now: datetime,
    notes: Sequence[str] = (),
) -> InquiryDocument:
    """Every site of the register, and those that were asked and are not in it any more, at `now`.

    `events` are in the order of the ledger.
    """
    asked: dict[str, _Asked] = {}
    begun: InquiryEvent | None = None
    since = 0
    for event in events:
        if event.action == "start":
            since = event.seq if begun and event.text != begun.text else since
            begun = event
        else:
            asked.setdefault(event.site, _Asked()).take(event)
    names = sorted(sites.keys() | asked.keys())
    rows = tuple(_site(name, sites.get(name), asked.get(name, _Asked()), now) for name in names)
    earlier = sum(bool(row.answers) and row.answers[-1].entry < since for row in rows)
    if earlier:
        notes = (*notes, f"{plural(earlier, 'site')} answered an earlier question, not this one")
    states = dict.fromkeys(STATES, 0)
    for row in rows:
        states[row.state] += 1
    return InquiryDocument(
        incident=incident,
        question=begun.text if begun else None,
        started=begun.at if begun else None,
        due=begun.due if begun else None,
        total=len(rows),
        states=states,
        sites=rows,
        notes=tuple(notes),
    )


def local(at: datetime, timezone: str) -> str:
    """The instant on a site's own clock, with its offset: `2020-06-13T09:00:00+07:00`."""
    zone = UTC if timezone == "UTC" else ZoneInfo(timezone)
    return at.astimezone(zone).isoformat(timespec="seconds")


def _site(name: str, site: Site | None, found: _Asked, now: datetime) -> SiteInquiry:
    timezone = site.timezone if site else "UTC"
    return SiteInquiry(
        site=name,
        state=found.state(now),
        contact=found.contact or (site.owner if site else "") or None,
        timezone=timezone,
        asked=found.asked,
        due=found.due,
        due_local=local(found.due, timezone) if found.due else None,
        answers=tuple(found.answers),
        registered=site is not None,
    )


def _answer(event: InquiryEvent, result: Result) -> Answer:
    file = AnswerFile(name=event.name, sha256=event.sha256, size=event.size) if event.sha256 else None
    return Answer(entry=event.seq, at=event.at, by=event.by, result=result, text=event.text, file=file)
