"""Work on an incident: list, notes, tasks, who has it, closing; each a ledger entry before it counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.incidents import asked_for
from sekisho.app.wiring import open_lake, read_inventory
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.investigate.incidents import notebook, standing, tasks
from sekisho.investigate.inquiries import inquiry
from sekisho.model.findings import rfc3339
from sekisho.model.incident_state import IncidentDocument, IncidentsDocument
from sekisho.state.incident_records import IncidentAction, OpenedIncident

MAX_TEXT = 4_000
MAX_NAME = 400


def listed(
    workspace: Workspace,
    *,
    now: datetime,
    status: Literal["open", "closed", "all"] = "open",
    assignee: str | None = None,
) -> IncidentsDocument:
    """Incidents as they stand, the latest first."""
    with open_decisions(workspace) as decisions:
        opened = decisions.state.incidents().opened()
        every = [_stands(workspace, decisions, one, now, ()) for one in reversed(opened)]
    chosen = tuple(
        one for one in every if status in ("all", one.status) and assignee in (None, one.assignee)
    )
    hidden = len(every) - len(chosen)
    notes = (f"{hidden} more are not shown: --status all shows them",) if hidden else ()
    if not every:
        notes = ("no incident was ever opened here: `sekisho investigate open --finding ID`",)
    return IncidentsDocument(incidents=chosen, notes=notes)


def shown(workspace: Workspace, asked: str, *, now: datetime) -> IncidentDocument:
    """One incident as it stands. Raises RequestError."""
    with open_decisions(workspace) as decisions:
        return current(workspace, decisions, asked, now=now)


def act(
    workspace: Workspace,
    asked: str,
    action: IncidentAction,
    *,
    now: datetime,
    by: str,
    text: str = "",
    assignee: str = "",
    task: str = "",
    note: str = "",
    due: datetime | None = None,
) -> IncidentDocument:
    """Record one thing that was done. Raises RequestError where it cannot be done to this incident."""
    text, assignee = text.strip(), assignee.strip()
    if len(text) > MAX_TEXT or len(assignee) > MAX_NAME:
        raise RequestError(f"at most {MAX_TEXT} characters of text, {MAX_NAME} of a name")
    with open_decisions(workspace) as decisions, decisions.exclusive():
        opened = asked_for(decisions.state.incidents(), asked)
        before = _stands(workspace, decisions, opened, now, ())
        body: dict[str, Any] = {"incident": opened.id}
        task = _task(decisions, opened, action, task, now)
        _allowed(before, action, text, assignee)
        note = _note(decisions, opened, note, text) if action == "note_edit" else ""
        said = (("text", text), ("assignee", assignee), ("task", task), ("note", note))
        body |= {key: value for key, value in said if value}
        if due is not None:
            if due <= now:
                raise RequestError(f"{rfc3339(due)[:16]}Z is past", "a task is due in the future")
            body["due"] = rfc3339(due)
        decisions.decide(f"incident.{action}", body, at=now, by=by)
        return current(workspace, decisions, opened.id, now=now)


def close(
    workspace: Workspace, asked: str, *, now: datetime, by: str, why: str, release: bool = False
) -> IncidentDocument:
    """Close an incident; its evidence stays held unless it is to be released. Copies are never removed."""
    document = act(workspace, asked, "close", now=now, by=by, text=why)
    if not release:
        return document
    document = act(workspace, document.id, "release", now=now, by=by, text=why)
    # The ledger says so first: a kill in between leaves the evidence held.
    with open_lake(workspace) as lake:
        lake.release(document.id)
    return document


def current(
    workspace: Workspace,
    decisions: Decisions,
    asked: str,
    *,
    now: datetime,
    notes: Sequence[str] = (),
) -> IncidentDocument:
    """One incident as it stands, with what is to be said besides. Raises RequestError."""
    opened = asked_for(decisions.state.incidents(), asked)
    return _stands(workspace, decisions, opened, now, notes)


def _stands(
    workspace: Workspace,
    decisions: Decisions,
    opened: OpenedIncident,
    now: datetime,
    notes: Sequence[str],
) -> IncidentDocument:
    store = decisions.state.incidents()
    asked = store.inquiry(opened.id)
    states = inquiry(opened.id, read_inventory(workspace).sites, asked, now).states if asked else None
    return standing(
        opened,
        store.events(opened.id),
        store.evidence(opened.id),
        now=now,
        inquiry=states,
        notes=notes,
    )


def _allowed(before: IncidentDocument, action: IncidentAction, text: str, assignee: str) -> None:
    if action in ("note", "note_edit", "task") and not text:
        raise RequestError(f"a {action.removesuffix('_edit')} says something")
    if action in ("close", "reopen") and not text:
        raise RequestError("that needs a reason", "--why 'in words an auditor can use'")
    if action == "assign" and not assignee:
        raise RequestError("say to whom it is assigned")
    if action == "close" and before.status == "closed":
        raise RequestError(f"{before.id} is closed already")
    if action == "reopen" and before.status == "open":
        raise RequestError(f"{before.id} is open already")


def _task(
    decisions: Decisions, opened: OpenedIncident, action: IncidentAction, asked: str, now: datetime
) -> str:
    """The task that an action is about: a new one's id, or the one asked for, which is not done."""
    known = {one.id: one for one in tasks(decisions.state.incidents().events(opened.id), now)}
    if action == "task":
        return f"T-{len(known) + 1}"
    if action != "task_done":
        return ""
    wanted = asked.upper() if asked.upper().startswith("T-") else f"T-{asked}"
    if wanted not in known:
        raise RequestError(f"{opened.id} has no task {asked}", f"it has {', '.join(known) or 'none'}")
    if known[wanted].done is not None:
        raise RequestError(f"{wanted} is done already")
    return wanted


def _note(decisions: Decisions, opened: OpenedIncident, asked: str, text: str) -> str:
    """The id of the note that is changed. What it said before stays in the ledger and is shown."""
    known = {one.id: one for one in notebook(decisions.state.incidents().events(opened.id))}
    wanted = asked.upper() if asked.upper().startswith("N-") else f"N-{asked}"
    if wanted not in known:
        raise RequestError(f"{opened.id} has no note {asked}", f"it has {', '.join(known) or 'none'}")
    if known[wanted].text == text:
        raise RequestError(f"{wanted} says that already")
    return wanted
