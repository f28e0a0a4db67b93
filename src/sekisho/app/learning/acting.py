"""Write down lessons and what is done about them, and show all that was learned from an incident."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, datetime

from sekisho.app.decisions import open_decisions
from sekisho.app.incidents import asked_for
from sekisho.app.learning.coding import document_of
from sekisho.app.learning.records import actions, lessons
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.inventory.located import did_you_mean
from sekisho.model.learning import LearningDocument

MAX_TEXT = 4_000
MOST = 500
"""Lessons, and actions, of one incident."""


def learned(workspace: Workspace, asked: str, *, now: datetime) -> LearningDocument:
    """Lessons, actions and coding of an incident. Raises RequestError."""
    zone = workspace.settings(os.environ).settings.timezone
    with open_decisions(workspace) as decisions:
        incident = asked_for(decisions.state.incidents(), asked).id
        events = decisions.state.notices().events(incident)
    found = LearningDocument(
        incident=incident,
        at=now,
        lessons=lessons(events),
        actions=actions(events, now, zone),
        veris=document_of(incident, events),
    )
    notes = []
    late = sum(one.state == "overdue" for one in found.actions)
    if late:
        notes.append(f"{late} overdue")
    without = {one.id for one in found.lessons} - {one.lesson for one in found.actions}
    if without:
        notes.append(f"no action is taken about {', '.join(sorted(without))}")
    return found.model_copy(update={"notes": tuple(notes)})


def add_lesson(
    workspace: Workspace, asked: str, text: str, *, now: datetime, by: str
) -> LearningDocument:
    """Write down a lesson. Raises RequestError."""
    with open_decisions(workspace) as decisions, decisions.exclusive():
        incident = asked_for(decisions.state.incidents(), asked).id
        known = lessons(decisions.state.notices().events(incident))
        _room(len(known), "lessons")
        body = {"incident": incident, "id": f"L-{len(known) + 1}", "text": _said(text, "a lesson")}
        decisions.decide("notify.lesson", body, at=now, by=by)
    return learned(workspace, incident, now=now)


def add_action(
    workspace: Workspace,
    asked: str,
    text: str,
    *,
    owner: str,
    due: date,
    lesson: str | None,
    now: datetime,
    by: str,
) -> LearningDocument:
    """Write down what is to be done, by whom until when (that whole day). Raises RequestError."""
    zone = workspace.settings(os.environ).settings.timezone
    owner = owner.strip()
    if not owner or len(owner) > 200:
        raise RequestError("an action has an owner", "--owner aiko")
    with open_decisions(workspace) as decisions, decisions.exclusive():
        incident = asked_for(decisions.state.incidents(), asked).id
        events = decisions.state.notices().events(incident)
        known = actions(events, now, zone)
        _room(len(known), "actions")
        body: Mapping[str, str] = {
            "incident": incident,
            "id": f"A-{len(known) + 1}",
            "text": _said(text, "an action"),
            "owner": owner,
            "due": due.isoformat(),
        }
        if lesson is not None:
            names = [one.id for one in lessons(events)]
            if lesson.upper() not in names:
                raise RequestError(f"there is no lesson {lesson[:20]}", did_you_mean(lesson, names))
            body = {**body, "lesson": lesson.upper()}
        decisions.decide("notify.action", body, at=now, by=by)
    return learned(workspace, incident, now=now)


def _said(text: str, what: str) -> str:
    said = text.strip()
    if not said or len(said) > MAX_TEXT:
        raise RequestError(f"{what} is said in 1 to {MAX_TEXT:,} characters")
    return said


def _room(count: int, what: str) -> None:
    if count >= MOST:
        raise RequestError(f"the incident has {MOST} {what}, the most there can be")
