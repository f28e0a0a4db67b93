from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sekisho.audit.life import lives, seen_again
from sekisho.model.findings import Finding, Life
from sekisho.state.records import Action, Event

AT = datetime(2024, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def events(*actions: Action, until: datetime | None = None) -> list[Event]:
    return [
        Event(n + 1, "F-1", action, f"p{n}", AT + n * DAY, f"because {n}", until, "ken")
        for n, action in enumerate(actions)
    ]


def life(*actions: Action, now: datetime = AT + 9 * DAY, **more: Any) -> Life:
    return lives(events(*actions, **more), now)["F-1"]


def test_the_last_decision_stands() -> None:
    found = life("close", "false_positive")
    assert (found.status, found.who, found.why, found.at) == (
        "false_positive",
        "p1",
        "because 1",
        AT + DAY,
    )
    assert lives([], AT) == {}


def test_an_acceptance_ends_at_its_instant() -> None:
    until = AT + 5 * DAY
    assert life("accept", until=until, now=until - timedelta(microseconds=1)).status == "accepted"
    over = life("assign", "accept", until=until, now=until)
    assert (over.status, over.assignee) == ("open", "ken")
    assert over.reopened == "the acceptance by p1 ran out on 2024-03-06"
    assert life("accept", until=None).status == "accepted", "without an end it holds"


def test_an_assignee_outlives_decisions_and_decides_nothing() -> None:
    assert life("assign") == Life(assignee="ken")
    assert life("assign", "close").assignee == "ken"
    assert life("close", "assign").status == "closed"
    assert lives(events("note"), AT) == {}


def test_reopening_says_who_and_why() -> None:
    found = life("close", "reopen")
    assert (found.status, found.reopened, found.who) == ("open", "by p1: because 1", None)


def test_a_closed_finding_opens_with_its_next_flow(make_finding: Callable[..., Finding]) -> None:
    closed = Life(status="closed", who="aiko", why="rebuilt", at=AT, assignee="ken")
    again = seen_again(make_finding(life=closed, last_seen=AT + timedelta(microseconds=1)))
    assert again.life == Life(assignee="ken", reopened="seen again after aiko closed it on 2024-03-01")
    same = make_finding(life=closed, last_seen=AT)
    assert seen_again(same) is same
    for status in ("accepted", "false_positive"):
        kept = make_finding(life=closed.model_copy(update={"status": status}), last_seen=AT + DAY)
        assert seen_again(kept) is kept
