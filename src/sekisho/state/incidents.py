"""Read incidents from the state. What they say is decided in the ledger and taken over from there."""

from __future__ import annotations

import json
from typing import TypeVar

from sqlalchemy import Engine, select

from sekisho.errors import IntegrityError
from sekisho.state import incident_tables as tables
from sekisho.state.engine import reading
from sekisho.state.incident_records import (
    EVIDENCE_STATES,
    INCIDENT_ACTIONS,
    INQUIRY_ACTIONS,
    RESULTS,
    EvidenceRecord,
    IncidentEvent,
    InquiryEvent,
    OpenedIncident,
)

T = TypeVar("T", bound=str)


class IncidentStore:
    """Questions about incidents; each sees one state of the database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def opened(self) -> tuple[OpenedIncident, ...]:
        """Every incident, in the order in which they were opened."""
        t, f = tables.incidents, tables.findings
        with reading(self._engine) as connection:
            taken: dict[str, list[str]] = {}
            for row in connection.execute(select(f).order_by(f.c.incident, f.c.finding)):
                taken.setdefault(row.incident, []).append(row.finding)
            return tuple(
                OpenedIncident(
                    r.seq,
                    r.id,
                    r.title,
                    r.at,
                    r.by,
                    tuple(json.loads(r.seeds)),
                    tuple(taken.get(r.id, ())),
                    r.connections,
                    r.days,
                )
                for r in connection.execute(select(t).order_by(t.c.seq))
            )

    def of_findings(self) -> dict[str, tuple[str, ...]]:
        """Which incidents took each finding in, in the order in which they were opened."""
        t, f = tables.incidents, tables.findings
        question = select(f.c.finding, t.c.id).join(t, t.c.id == f.c.incident).order_by(t.c.seq)
        found: dict[str, tuple[str, ...]] = {}
        with reading(self._engine) as connection:
            for finding, incident in connection.execute(question):
                found[finding] = (*found.get(finding, ()), incident)
        return found

    def events(self, incident: str | None = None) -> tuple[IncidentEvent, ...]:
        """What was done in one incident, or in all, oldest first."""
        t = tables.events
        question = select(t).order_by(t.c.seq)
        if incident is not None:
            question = question.where(t.c.incident == incident)
        with reading(self._engine) as connection:
            return tuple(
                IncidentEvent(
                    r.seq,
                    r.incident,
                    _word(r.action, INCIDENT_ACTIONS),
                    r.by,
                    r.at,
                    r.text,
                    r.task,
                    r.assignee,
                    r.due,
                )
                for r in connection.execute(question)
            )

    def evidence(self, incident: str) -> tuple[EvidenceRecord, ...]:
        """What became of the files behind an incident, each time that it was tried, oldest first."""
        t = tables.evidence
        question = select(t).where(t.c.incident == incident).order_by(t.c.seq, t.c.position)
        with reading(self._engine) as connection:
            return tuple(
                EvidenceRecord(
                    r.seq,
                    r.incident,
                    r.by,
                    r.at,
                    r.sensor,
                    r.path,
                    r.content,
                    _word(r.state, EVIDENCE_STATES),
                    r.sha256,
                    r.size,
                    r.why,
                )
                for r in connection.execute(question)
            )

    def inquiry(self, incident: str) -> tuple[InquiryEvent, ...]:
        """What was asked and answered in an incident, oldest first."""
        t = tables.inquiries
        question = select(t).where(t.c.incident == incident).order_by(t.c.seq, t.c.position)
        with reading(self._engine) as connection:
            return tuple(
                InquiryEvent(
                    r.seq,
                    r.incident,
                    _word(r.action, INQUIRY_ACTIONS),
                    r.site,
                    r.by,
                    r.at,
                    r.contact,
                    r.due,
                    _word(r.result, RESULTS) if r.result else None,
                    r.text,
                    r.sha256,
                    r.name,
                    r.size,
                )
                for r in connection.execute(question)
            )


def _word(text: str, words: tuple[T, ...]) -> T:
    for word in words:
        if word == text:
            return word
    raise IntegrityError(f"the state holds an unknown word {text!r}")
