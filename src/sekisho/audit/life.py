"""What people decided about findings, and what became of that since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sekisho.model.findings import Finding, Life, rfc3339
from sekisho.state.records import Event

_STATUS = {"accept": "accepted", "false_positive": "false_positive", "close": "closed"}


def lives(events: Iterable[Event], now: datetime) -> dict[str, Life]:
    """The life of every finding that somebody decided on, by its id. `events` are oldest first.

    An acceptance that has run out by `now` (aware UTC) leaves the finding open, and says so.
    """
    found: dict[str, Life] = {}
    for event in events:
        before = found.get(event.finding, Life())
        if event.action == "assign":
            found[event.finding] = before.model_copy(update={"assignee": event.assignee})
        elif event.action == "reopen":
            why = f"by {event.by}: {event.why}" if event.why else f"by {event.by}"
            found[event.finding] = Life(assignee=before.assignee, reopened=why)
        elif event.action in _STATUS:
            fields = {
                "status": _STATUS[event.action],
                "who": event.by,
                "why": event.why,
                "until": event.until,
                "at": event.at,
                "assignee": before.assignee,
            }
            found[event.finding] = Life.model_validate(fields)
    return {name: _current(life, now) for name, life in found.items()}


def _current(life: Life, now: datetime) -> Life:
    if life.status == "accepted" and life.until is not None and life.until <= now:
        return Life(
            assignee=life.assignee,
            reopened=f"the acceptance by {life.who} ran out on {rfc3339(life.until)[:10]}",
        )
    return life


def seen_again(finding: Finding) -> Finding:
    """The finding, open again where it was closed and has violating flows since then."""
    life = finding.life
    if life.status != "closed" or life.at is None or finding.last_seen <= life.at:
        return finding
    again = f"seen again after {life.who} closed it on {rfc3339(life.at)[:10]}"
    return finding.model_copy(update={"life": Life(assignee=life.assignee, reopened=again)})
