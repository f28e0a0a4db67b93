"""What is said of duties to notify, as documents. Field names are relied on; within version 1 they only grow.

Times are aware UTC. Nothing here is legal advice.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from sekisho.model.findings import Document, Time

NO_ADVICE = "This is no legal advice: have it checked by counsel."
Confidence = Literal["confirmed", "secondary"]
StageKind = Literal["preliminary", "supplement", "final", "people", "public", "assessment"]
ClockState = Literal[
    "not_started",
    "running",
    "due_soon",
    "met",
    "late",
    "not_applicable",
    "needs_decision",
    "disabled",
]


class StageDocument(Document):
    """One thing that must be sent. `anchor` is the fact, or the stage, it counts from."""

    stage: str
    kind: StageKind
    to: tuple[str, ...]
    anchor: str
    due: str
    confidence: Confidence
    when: str | None = None
    citation: str | None = None
    customary: str | None = None
    needs: tuple[str, ...] = ()


class SourceDocument(Document):
    """Where something was read: `law` its own text, `summary` somebody's account."""

    url: str
    text: Literal["law", "summary"]
    says: str = ""


class ObligationDocument(Document):
    """A duty to notify. `own`: it stands in the workspace. `file` is where it is written."""

    id: str
    title: str
    jurisdiction: str
    citation: str
    as_of: date
    version: int
    confidence: Confidence
    enabled: bool
    why_disabled: str | None = None
    own: bool = False
    file: str
    who: str
    applies: str
    trigger: str
    zone: str
    languages: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    sources: tuple[SourceDocument, ...] = ()
    stages: tuple[StageDocument, ...] = ()


class ObligationsDocument(Document):
    """`sekisho notify obligations --format json`."""

    schema_: Literal["sekisho.obligations/1"] = Field(default="sekisho.obligations/1", alias="schema")
    obligations: tuple[ObligationDocument, ...]
    notes: tuple[str, ...] = (NO_ADVICE,)


class FactEntry(Document):
    """A fact as it was recorded. `at` is since when it is known, `recorded_at` when it was written down,
    `seq` its place in the ledger."""

    name: str
    value: str
    at: Time
    source: str
    by: str
    recorded_at: Time
    seq: int
    counts: bool
    contradicts: bool


class FactProposal(Document):
    """What the incident itself suggests; it counts for nothing until somebody records it."""

    name: str
    value: str
    why: str
    recorded: str | None = None


class FactsDocument(Document):
    """`sekisho notify facts INCIDENT --format json`: everything that was recorded, oldest first."""

    schema_: Literal["sekisho.facts/1"] = Field(default="sekisho.facts/1", alias="schema")
    incident: str
    facts: tuple[FactEntry, ...]
    contradictions: tuple[str, ...] = ()
    proposals: tuple[FactProposal, ...] = ()
    notes: tuple[str, ...] = ()


class Delivered(Document):
    """What was sent, when, and the SHA-256 of its proof. `version` is that of the draft, `reviewed_by` who
    approved it for the lawyers; `unreviewed` says what was missing where nobody had."""

    at: Time
    by: str
    proof: str
    name: str
    seq: int
    version: int | None = None
    reviewed_by: str | None = None
    unreviewed: str | None = None


class ReviewDocument(Document):
    """A legal approval of one version. `holds`: whoever gave it may still, with that key."""

    by: str
    key: str
    at: Time
    holds: bool


class DraftDocument(Document):
    """One version of something drafted. `document` is `OBLIGATION/STAGE`, `public-statement` or
    `management-brief`; `digest` is the SHA-256 of what it says, `files` that of each file by its format;
    `written_by` is `facts`, or `people` for one that was written elsewhere."""

    document: str
    version: int
    digest: str
    at: Time
    by: str
    written_by: Literal["facts", "people"]
    files: dict[str, str]
    reviews: tuple[ReviewDocument, ...] = ()
    delivered: Time | None = None


class DraftsDocument(Document):
    """`sekisho notify drafts INCIDENT --format json`: every version, oldest first."""

    schema_: Literal["sekisho.drafts/1"] = Field(default="sekisho.drafts/1", alias="schema")
    incident: str
    drafts: tuple[DraftDocument, ...]
    notes: tuple[str, ...] = (NO_ADVICE,)


class Moved(Document):
    """A deadline that is not where it was: `fact` is what moved it, recorded by whom and when."""

    earlier: bool
    was: Time
    now: Time
    fact: str
    by: str
    recorded_at: Time


class Before(Document):
    """What a clock says without what was assumed."""

    state: ClockState
    due: Time | None = None


class Clock(Document):
    """One stage of one obligation. `due` is null where the law names no number or nothing has started;
    `missing` are the facts that would start it or decide it; `local` is `due` in the regulator's zone."""

    obligation: str
    state: ClockState
    stage: str
    anchor: str
    started: Time | None
    due: Time | None
    missing: tuple[str, ...]
    why: str
    title: str
    to: tuple[str, ...]
    period: str
    confidence: Confidence
    zone: str
    local: str | None = None
    delivered: Delivered | None = None
    moved: tuple[Moved, ...] = ()
    before: Before | None = None


class ClocksDocument(Document):
    """`sekisho notify clocks INCIDENT --format json`. `at` is the time for which it was asked; `assumed` are
    facts that nobody recorded."""

    schema_: Literal["sekisho.clocks/1"] = Field(default="sekisho.clocks/1", alias="schema")
    incident: str
    at: Time
    clocks: tuple[Clock, ...]
    assumed: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    notes: tuple[str, ...] = (NO_ADVICE,)
