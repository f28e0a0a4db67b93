"""Tell everybody, loudly, what became of a link that was given back."""

from __future__ import annotations

import os
from datetime import datetime

from sekisho.app.decisions import Decisions
from sekisho.app.logging import logger
from sekisho.app.workspace import Workspace
from sekisho.watch.alerts import Alert
from sekisho.watch.book import Book
from sekisho.watch.people import people


def alarm(
    workspace: Workspace, decisions: Decisions, key: str, title: str, text: str, *, now: datetime
) -> None:
    """A critical alert for every sink; a watch that runs delivers it, as does the next one."""
    logger().error("restoration", title=title, text=text)
    sinks = workspace.settings(os.environ).settings.watch.sinks
    alert = Alert(
        id=key,
        revision=1,
        delivery="",
        change="raised",
        at=now,
        status="open",
        kind="contain",
        severity="critical",
        title=title,
        text=text,
        first_seen=None,
        last_seen=None,
        raised_at=now,
        labels={"kind": "contain", "change": "restoration"},
    )
    store = decisions.state.alerts()
    with store.round() as work:
        least = {name: one.severity for name, one in sinks.items()}
        Book(store, work, people(decisions.state, now), least, now).notice(alert)
