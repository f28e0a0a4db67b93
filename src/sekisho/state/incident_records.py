"""The rows of incidents as values. All times are aware UTC; `seq` is the place in the ledger and orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

IncidentAction = Literal[
    "note", "note_edit", "task", "task_done", "assign", "close", "reopen", "release", "hold"
]
INCIDENT_ACTIONS: tuple[IncidentAction, ...] = get_args(IncidentAction)

EvidenceState = Literal["preserved", "gone", "changed", "elsewhere", "unreadable"]
"""`gone`: no file is where it was; `changed`: it is there with other bytes; `elsewhere`: it was never on
this machine's disk (an object of a store)."""
EVIDENCE_STATES: tuple[EvidenceState, ...] = get_args(EvidenceState)

InquiryAction = Literal["start", "ask", "answer"]
INQUIRY_ACTIONS: tuple[InquiryAction, ...] = get_args(InquiryAction)

Result = Literal["answered", "cleared", "affected"]
"""What an answer says: nothing decided yet, not affected, affected."""
RESULTS: tuple[Result, ...] = get_args(Result)


@dataclass(frozen=True, slots=True)
class OpenedIncident:
    """An incident as it was opened. `seeds` are what it began with; `findings` those that it took in;
    `connections` behind them were seen on `days` days, whose raw flows it holds."""

    seq: int
    id: str
    title: str
    at: datetime
    by: str
    seeds: tuple[Mapping[str, Any], ...]
    findings: tuple[str, ...]
    connections: int
    days: int


@dataclass(frozen=True, slots=True)
class IncidentEvent:
    """What somebody did since. `task` names the task, or the note, that it is about; `due` is the task's."""

    seq: int
    incident: str
    action: IncidentAction
    by: str
    at: datetime
    text: str = ""
    task: str = ""
    assignee: str = ""
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class EvidenceRecord:
    """What became of one file behind the evidence.

    `content` is the SHA-256 by which the lake knows what was read; `sha256` and `size` are of the bytes
    that were kept, empty and 0 where none were.
    """

    seq: int
    incident: str
    by: str
    at: datetime
    sensor: str
    path: str
    content: str
    state: EvidenceState
    sha256: str = ""
    size: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class InquiryEvent:
    """One step of asking sites. `start` has the question in `text` and no site; an answer's file is kept
    under its `sha256`, `name` is what it was called."""

    seq: int
    incident: str
    action: InquiryAction
    site: str
    by: str
    at: datetime
    contact: str = ""
    due: datetime | None = None
    result: Result | None = None
    text: str = ""
    sha256: str = ""
    name: str = ""
    size: int = 0
