"""What was learned from an incident, as documents. Field names are relied on; within version 1 they only grow.

Times are aware UTC; due dates are days where the reader is.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field

from sekisho.model.findings import Document, Time

ActionState = Literal["open", "overdue", "closed"]
ClosingKind = Literal["audit", "campaign", "test", "file"]


class LessonDocument(Document):
    """Something learned; `seq` is its place in the ledger."""

    id: str
    text: str
    by: str
    at: Time
    seq: int


class ClosingDocument(Document):
    """The evidence by which an action was closed: a recorded audit, a check of the fleet, a test of the policy,
    or a file that is kept; `says` what was verified of it, `sha256` of what is kept."""

    kind: ClosingKind
    ref: str
    says: str
    sha256: str | None = None
    by: str
    at: Time
    seq: int


class ActionDocument(Document):
    """Something that is done about it, by `owner` until the end of the day `due`; `lesson` is why."""

    id: str
    text: str
    owner: str
    due: date
    lesson: str | None = None
    state: ActionState
    by: str
    at: Time
    seq: int
    evidence: tuple[ClosingDocument, ...] = ()


class CodedField(Document):
    """A field of VERIS as a person confirmed it."""

    field: str
    values: tuple[str, ...]
    by: str
    at: Time
    seq: int


class CodingProposal(Document):
    """What the incident suggests for a field; it counts for nothing until it is confirmed. `coded` is what
    stands there now."""

    field: str
    values: tuple[str, ...]
    why: str
    coded: tuple[str, ...] | None = None


class VerisDocument(Document):
    """`sekisho learn veris INCIDENT --format json`. `record` is the VERIS record of what was confirmed, whole
    where nothing is `missing`."""

    schema_: Literal["sekisho.veris/1"] = Field(default="sekisho.veris/1", alias="schema")
    incident: str
    fields: tuple[CodedField, ...]
    missing: tuple[str, ...]
    record: dict[str, Any]
    proposals: tuple[CodingProposal, ...] = ()
    notes: tuple[str, ...] = ()


class LearningDocument(Document):
    """`sekisho learn show INCIDENT --format json`."""

    schema_: Literal["sekisho.learning/1"] = Field(default="sekisho.learning/1", alias="schema")
    incident: str
    at: Time
    lessons: tuple[LessonDocument, ...]
    actions: tuple[ActionDocument, ...]
    veris: VerisDocument
    notes: tuple[str, ...] = ()
