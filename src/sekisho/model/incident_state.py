"""Incidents as people work on them, as documents: what was opened, done, preserved, asked.

Field names and their meanings are relied on outside; within version 1 they only grow. Times are aware
UTC; sizes are bytes.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sekisho.model.findings import Document, Onset, Realm, Time

SeedKind = Literal["finding", "host", "indicator", "connection"]
IncidentStatus = Literal["open", "closed"]
InquiryState = Literal["not_asked", "asked", "answered", "overdue", "cleared", "affected"]
"""`answered`: there is an answer and nobody has said yet what it means."""


class Seed(Document):
    """What the investigation began with. `connections` is how many of the evidence it names, `changed` the
    first day on which one of its hops left its own baseline."""

    kind: SeedKind
    value: str
    realm: Realm = None
    connections: int = 0
    onset: Onset | None = None
    changed: Time | None = None
    changed_why: str | None = None
    why: str | None = None


class Task(Document):
    """Something to be done. `done` is when it was, `outcome` what came of it."""

    id: str
    text: str
    assignee: str | None = None
    due: Time | None = None
    added: Time
    by: str
    done: Time | None = None
    done_by: str | None = None
    outcome: str | None = None
    overdue: bool = False


class NoteVersion(Document):
    """What a note said from `at` on, with the number of the ledger entry that says so."""

    entry: int
    at: Time
    by: str
    text: str


class Note(Document):
    """Something that was written down. `text` is what it says now; `versions` is everything that it ever
    said, the oldest first. A note never alters evidence, and its history stands in the ledger."""

    id: str
    text: str
    at: Time
    by: str
    versions: tuple[NoteVersion, ...]


class Action(Document):
    """One thing that somebody did, with the number of its ledger entry."""

    entry: int
    at: Time
    by: str
    kind: str
    text: str


class EvidenceFile(Document):
    """A file behind the evidence. `content_sha256` is how the lake knows it; `sha256` and `size` are of
    the bytes that were preserved, null where none were, and `why` says why not."""

    path: str
    sensor: str
    content_sha256: str
    state: Literal["preserved", "gone", "changed", "elsewhere", "unreadable"]
    sha256: str | None = None
    size: int | None = None
    at: Time
    why: str | None = None


class IncidentDocument(Document):
    """An incident as it stands: `sekisho investigate open`, and what `show` says of it.

    `connections` were behind the seeds when it was opened, seen on `days` days; their raw flows are kept
    from pruning while `held`. `inquiry` counts sites by the state of their answers, empty where no
    inquiry was begun. `notes` are Sekisho's own sentences, `notebook` is what people wrote down.
    """

    schema_: Literal["sekisho.incident/1"] = Field(default="sekisho.incident/1", alias="schema")
    id: str
    title: str
    status: IncidentStatus
    opened: Time
    opened_by: str
    closed: Time | None = None
    closed_why: str | None = None
    assignee: str | None = None
    seeds: tuple[Seed, ...]
    findings: tuple[str, ...] = ()
    connections: int = 0
    days: int = 0
    held: bool = True
    tasks: tuple[Task, ...] = ()
    actions: tuple[Action, ...] = ()
    evidence: tuple[EvidenceFile, ...] = ()
    inquiry: dict[InquiryState, int] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    notebook: tuple[Note, ...] = ()


class IncidentsDocument(Document):
    """`sekisho investigate list`: incidents, the latest first."""

    schema_: Literal["sekisho.incidents/1"] = Field(default="sekisho.incidents/1", alias="schema")
    incidents: tuple[IncidentDocument, ...]
    notes: tuple[str, ...] = ()


class AnswerFile(Document):
    """A file that came with an answer, kept with the incident under its SHA-256."""

    name: str
    sha256: str
    size: int


class Answer(Document):
    """What a site said. `result` is what it was taken for."""

    entry: int
    at: Time
    by: str
    result: Literal["answered", "cleared", "affected"]
    text: str = ""
    file: AnswerFile | None = None


class SiteInquiry(Document):
    """One site, in exactly one state. `due_local` is `due` on the site's own clock, with its offset.
    `registered`: the site is in sites.yaml today."""

    site: str
    state: InquiryState
    contact: str | None = None
    timezone: str
    asked: Time | None = None
    due: Time | None = None
    due_local: str | None = None
    answers: tuple[Answer, ...] = ()
    registered: bool = True


class InquiryDocument(Document):
    """`sekisho investigate inquiry INCIDENT status`: every site, and how many are in each state.

    `states` has every state's key and sums to `total`, the number of sites.
    """

    schema_: Literal["sekisho.inquiry/1"] = Field(default="sekisho.inquiry/1", alias="schema")
    incident: str
    question: str | None = None
    started: Time | None = None
    due: Time | None = None
    total: int
    states: dict[InquiryState, int]
    sites: tuple[SiteInquiry, ...]
    notes: tuple[str, ...] = ()
