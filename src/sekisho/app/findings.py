"""The life of findings: who looks at one, who accepted it and until when, who closed it and why."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sekisho.app.audit import run_audit
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.audit.life import lives
from sekisho.errors import RequestError
from sekisho.model.findings import AuditDocument, Finding, Life, rfc3339
from sekisho.state.records import Action, Event

Step = Callable[[str, int, int | None], None]
MAX_TEXT = 4_000


def current(workspace: Workspace, *, now: datetime, by: str, step: Step | None = None) -> AuditDocument:
    """All findings of all evidence, as the register stands, with their lives."""
    return run_audit(workspace, begin=None, end=None, now=now, by=by, step=step).document


def find(document: AuditDocument, asked: str) -> Finding:
    """The finding whose id is, or alone begins with, `asked`. Raises RequestError."""
    wanted = asked if asked.startswith("F-") else f"F-{asked}"
    found = [f for f in document.findings if f.id.startswith(wanted)]
    exact = [f for f in found if f.id == wanted]
    if exact or len(found) == 1:
        return (exact or found)[0]
    if found:
        some = ", ".join(f.id for f in found[:5])
        raise RequestError(f"{asked} is the beginning of {len(found)} findings", f"among them {some}")
    raise RequestError(
        f"there is no finding {asked}",
        "`sekisho finding list` names them; one that a rule or asset now explains is no finding any more",
    )


def history(workspace: Workspace, finding: str) -> tuple[Event, ...]:
    """What was decided about a finding, oldest first."""
    with open_decisions(workspace) as decisions:
        return decisions.state.events(finding)


def decide(
    workspace: Workspace,
    finding: Finding,
    action: Action,
    *,
    now: datetime,
    by: str,
    why: str = "",
    until: datetime | None = None,
    assignee: str | None = None,
) -> Life:
    """Record a decision about a finding, and say what its life is now.

    All but an assignment say why. An acceptance ends at `until` (aware UTC), without it after the days
    that the settings name. Raises RequestError.
    """
    if action != "assign" and not why.strip():
        raise RequestError("a decision about a finding says why", "--why 'in words an auditor can use'")
    if len(why) > MAX_TEXT or len(assignee or "") > MAX_TEXT:
        raise RequestError(f"that is longer than {MAX_TEXT} characters")
    if action == "assign" and not (assignee or "").strip():
        raise RequestError("say to whom the finding is assigned")
    if action == "accept":
        days = workspace.settings(os.environ).settings.audit.acceptance_days
        until = until or now + timedelta(days=days)
        if until <= now:
            ended = until - timedelta(microseconds=1)
            raise RequestError(
                f"{ended:%Y-%m-%d} is past", "an acceptance ends in the future: --until DAY, or 90d"
            )
    body: dict[str, Any] = {"finding": finding.id, "why": why.strip()}
    if until is not None:
        body["until"] = rfc3339(until)
    if assignee is not None:
        body["assignee"] = assignee.strip()
    with open_decisions(workspace) as decisions, decisions.exclusive():
        before = lives(decisions.state.events(finding.id), now).get(finding.id, Life())
        if action == "reopen" and before.status == "open":
            raise RequestError(f"{finding.id} is open already")
        decisions.decide(f"finding.{action}", body, at=now, by=by)
        return lives(decisions.state.events(finding.id), now).get(finding.id, Life())
