from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from sekisho.app.learning.acting import add_action, add_lesson, learned
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.model.learning import LearningDocument

DUE = date(2020, 6, 30)


def add(
    workspace: Workspace, opened: str, now: datetime, lesson: str | None = None, owner: str = "ken"
) -> LearningDocument:
    return add_action(
        workspace, opened, "Watch it", owner=owner, due=DUE, lesson=lesson, now=now, by="aiko"
    )


def test_lessons_and_actions_are_kept_in_order(
    workspace: Workspace, opened: str, now: datetime
) -> None:
    assert learned(workspace, opened, now=now).lessons == ()
    add_lesson(workspace, opened, " Links need an owner ", now=now, by="aiko")
    first = add_lesson(workspace, opened, "Watch both ends", now=now, by="ken")
    assert first.notes == ("no action is taken about L-1, L-2",)
    add(workspace, opened, now, lesson="l-1")
    document = add(workspace, opened, now)
    assert [(one.id, one.text, one.by) for one in document.lessons] == [
        ("L-1", "Links need an owner", "aiko"),
        ("L-2", "Watch both ends", "ken"),
    ]
    assert [(one.id, one.lesson, one.owner, one.state) for one in document.actions] == [
        ("A-1", "L-1", "ken", "open"),
        ("A-2", None, "ken", "open"),
    ]
    late = learned(workspace, opened, now=datetime.combine(DUE, now.timetz()) + timedelta(days=1))
    assert [one.state for one in late.actions] == ["overdue", "overdue"]
    assert late.notes[0] == "2 overdue"


def test_what_says_nothing_is_refused(workspace: Workspace, opened: str, now: datetime) -> None:
    with pytest.raises(RequestError, match="a lesson is said"):
        add_lesson(workspace, opened, "  ", now=now, by="aiko")
    with pytest.raises(RequestError, match="no lesson L-9"):
        add(workspace, opened, now, lesson="L-9")
    with pytest.raises(RequestError, match="has an owner"):
        add(workspace, opened, now, owner=" ")
    with pytest.raises(RequestError, match="no incident"):
        learned(workspace, "INC-9", now=now)
    assert learned(workspace, opened, now=now).actions == ()
