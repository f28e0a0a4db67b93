"""What of actions after an incident is told to everybody: that one is overdue, and that it was closed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sekisho.app.containing.alarms import Alarm, tell
from sekisho.app.decisions import Decisions
from sekisho.app.learning.records import actions
from sekisho.app.workspace import Workspace
from sekisho.model.learning import ActionDocument
from sekisho.model.verdicts import Severity
from sekisho.watch.alerts import Alert


def raise_overdue(
    workspace: Workspace, decisions: Decisions, sinks: Mapping[str, Severity], now: datetime
) -> tuple[Alert, ...]:
    """Tell which actions are overdue and nobody was told; of closed incidents too, since actions go on."""
    zone = workspace.settings(os.environ).settings.timezone
    store = decisions.state.notices()
    found: list[Alarm] = []
    for opened in decisions.state.incidents().opened():
        found += overdue(opened.id, actions(store.events(opened.id), now, zone))
    return tell(decisions, found, sinks, now)


def overdue(incident: str, known: Iterable[ActionDocument]) -> Iterator[Alarm]:
    """Actions that are not closed after the day on which they were due, and the end of those that were."""
    for one in known:
        yield Alarm(
            f"learn|{incident}|{one.id}|overdue",
            "medium",
            f"{incident}: {one.id} of {one.owner} is {'closed' if one.state == 'closed' else 'overdue'}",
            f"Due {one.due}. {one.text[:500]} See `sekisho learn show {incident}`.",
            one.at,
            {"kind": "notify", "incident": incident, "action": one.id, "change": "overdue"},
            over=one.state != "overdue",
            kind="notify",
        )
