"""How an incident stands: what was opened, and everything that was done since, folded into one value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sekisho.model.incident_state import (
    Action,
    EvidenceFile,
    IncidentDocument,
    InquiryState,
    Note,
    NoteVersion,
    Task,
)
from sekisho.model.incidents import Seed
from sekisho.state.incident_records import EvidenceRecord, IncidentEvent, OpenedIncident

WORDS = {
    "note": "noted",
    "note_edit": "changed",
    "task": "added",
    "task_done": "finished",
    "assign": "assigned to",
    "close": "closed",
    "reopen": "reopened",
    "release": "let its evidence be pruned",
    "hold": "held evidence",
}


def standing(
    opened: OpenedIncident,
    events: Sequence[IncidentEvent],
    evidence: Sequence[EvidenceRecord],
    *,
    now: datetime,
    inquiry: Mapping[InquiryState, int] | None = None,
    notes: Sequence[str] = (),
) -> IncidentDocument:
    """The incident as its own events, oldest first, leave it at `now` (aware UTC)."""
    changed: dict[str, Any] = {"status": "open", "held": True}
    for event in events:
        match event.action:
            case "assign":
                changed["assignee"] = event.assignee
            case "close":
                changed |= {"status": "closed", "closed": event.at, "closed_why": event.text}
            case "reopen":
                changed |= {"status": "open", "closed": None, "closed_why": None}
            case "release" | "hold":
                changed["held"] = event.action == "hold"
    return IncidentDocument(
        id=opened.id,
        title=opened.title,
        opened=opened.at,
        opened_by=opened.by,
        seeds=tuple(Seed.model_validate(_shown(seed)) for seed in opened.seeds),
        findings=opened.findings,
        connections=opened.connections,
        days=opened.days,
        tasks=tasks(events, now),
        actions=(_opening(opened), *(_action(event) for event in events)),
        evidence=preserved(evidence),
        inquiry=dict(inquiry or {}),
        notes=tuple(notes),
        notebook=notebook(events),
        **changed,
    )


def tasks(events: Sequence[IncidentEvent], now: datetime) -> tuple[Task, ...]:
    """Tasks in the order in which they were set. What was finished twice keeps its first outcome."""
    found: dict[str, Task] = {}
    for event in events:
        if event.action == "task":
            found[event.task] = Task(
                id=event.task,
                text=event.text,
                assignee=event.assignee or None,
                due=event.due,
                added=event.at,
                by=event.by,
                overdue=event.due is not None and event.due <= now,
            )
        elif event.action == "task_done" and event.task in found:
            task = found[event.task]
            if task.done is None:
                done = {
                    "done": event.at,
                    "done_by": event.by,
                    "outcome": event.text or None,
                    "overdue": False,
                }
                found[event.task] = task.model_copy(update=done)
    return tuple(found.values())


def notebook(events: Sequence[IncidentEvent]) -> tuple[Note, ...]:
    """Notes in the order in which they were written, each with everything that it ever said.

    The first is N-1; a change of a note that does not exist says nothing.
    """
    found: dict[str, list[NoteVersion]] = {}
    for event in events:
        version = NoteVersion(entry=event.seq, at=event.at, by=event.by, text=event.text)
        if event.action == "note":
            found[f"N-{len(found) + 1}"] = [version]
        elif event.action == "note_edit" and event.task in found:
            found[event.task].append(version)
    return tuple(
        Note(id=name, text=said[-1].text, at=said[0].at, by=said[0].by, versions=tuple(said))
        for name, said in found.items()
    )


def preserved(records: Sequence[EvidenceRecord]) -> tuple[EvidenceFile, ...]:
    """What became of each file in the end: bytes that were once preserved stay so, whatever happened to
    the file since."""
    found: dict[tuple[str, str, str], EvidenceRecord] = {}
    for record in records:
        name = record.sensor, record.path, record.content
        before = found.get(name)
        if before is None or before.state != "preserved" or record.state == "preserved":
            found[name] = record
    return tuple(
        EvidenceFile(
            path=r.path,
            sensor=r.sensor,
            content_sha256=r.content,
            state=r.state,
            sha256=r.sha256 or None,
            size=r.size if r.sha256 else None,
            at=r.at,
            why=r.why or None,
        )
        for r in found.values()
    )


def _shown(seed: Mapping[str, Any]) -> dict[str, Any]:
    """A stored seed as the published one, which has no room for how it is looked up again."""
    return {key: value for key, value in seed.items() if key in Seed.model_fields}


def _opening(opened: OpenedIncident) -> Action:
    return Action(
        entry=opened.seq, at=opened.at, by=opened.by, kind="open", text=f"opened: {opened.title}"
    )


def _action(event: IncidentEvent) -> Action:
    parts = (WORDS[event.action], event.task, event.assignee)
    said = " ".join(part for part in parts if part)
    if event.action == "task" and event.assignee:
        said = f"added {event.task} for {event.assignee}"
    text = f"{said}: {event.text}" if event.text else said
    return Action(entry=event.seq, at=event.at, by=event.by, kind=event.action, text=text)
