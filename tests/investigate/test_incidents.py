from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sekisho.investigate.incidents import notebook, preserved, standing, tasks
from sekisho.state.incident_records import EvidenceRecord, IncidentEvent, OpenedIncident

AT = datetime(2026, 3, 1, tzinfo=UTC)
SEED = {"kind": "finding", "value": "F-1", "connections": 1, "connection": {"src": "10.0.0.1"}}
OPENED = OpenedIncident(1, "INC-1", "smb", AT, "aiko", (SEED,), ("F-1",), 1, 3)


def event(seq: int, action: Any, **more: Any) -> IncidentEvent:
    return IncidentEvent(seq, "INC-1", action, "aiko", AT + timedelta(hours=seq), **more)


def record(seq: int, state: Any, **more: Any) -> EvidenceRecord:
    return EvidenceRecord(seq, "INC-1", "aiko", AT, "th", "a.log", "c" * 64, state, **more)


def test_a_life() -> None:
    steps = [
        event(2, "assign", assignee="ken"),
        event(3, "note", text="rebuilt in May"),
        event(4, "close", text="over"),
        event(5, "release", text="over"),
    ]
    first = standing(OPENED, (), (), now=AT)
    assert (first.status, first.held, first.assignee) == ("open", True, None)
    assert first.seeds[0].value == "F-1", "how it is looked up again is not published"
    closed = standing(OPENED, steps, (), now=AT)
    assert (closed.status, closed.closed_why, closed.held) == ("closed", "over", False)
    assert [a.text for a in closed.actions] == [
        "opened: smb",
        "assigned to ken",
        "noted: rebuilt in May",
        "closed: over",
        "let its evidence be pruned: over",
    ]
    again = standing(OPENED, [*steps, event(6, "reopen", text="no"), event(7, "hold")], (), now=AT)
    assert (again.status, again.closed, again.held, again.assignee) == ("open", None, True, "ken")


def test_a_task_is_overdue_by_the_clock_until_it_is_done() -> None:
    due = AT + timedelta(days=1)
    steps = [event(2, "task", task="T-1", text="image", due=due)]
    assert not tasks(steps, due - timedelta(seconds=1))[0].overdue
    assert tasks(steps, due)[0].overdue
    steps += [
        event(3, "task_done", task="T-1", text="fine"),
        event(4, "task_done", task="T-1", text="no"),
    ]
    (task,) = tasks([*steps, event(5, "task_done", task="T-9")], due)
    assert (task.overdue, task.outcome, task.done) == (False, "fine", AT + timedelta(hours=3))


def test_bytes_that_were_preserved_stay_so() -> None:
    (first,) = preserved([record(2, "gone", why="rotated")])
    assert (first.state, first.sha256, first.size) == ("gone", None, None)
    rows = [
        record(2, "gone", why="rotated"),
        record(3, "preserved", sha256="d" * 64, size=5),
        record(4, "changed", why="other bytes"),
    ]
    (kept,) = preserved(rows)
    assert (kept.state, kept.sha256, kept.size, kept.why) == ("preserved", "d" * 64, 5, None)


def test_a_note_that_was_changed_keeps_everything_that_it_said() -> None:
    steps = [
        event(2, "note", text="rebuilt in May"),
        event(3, "note", text="call Rayong"),
        event(4, "note_edit", task="N-1", text="rebuilt in June"),
        event(5, "note_edit", task="N-9", text="of no note"),
    ]
    first, second = notebook(steps)
    assert (first.id, first.text, first.at) == ("N-1", "rebuilt in June", AT + timedelta(hours=2))
    assert [(v.entry, v.text) for v in first.versions] == [
        (2, "rebuilt in May"),
        (4, "rebuilt in June"),
    ]
    assert (second.id, len(second.versions)) == ("N-2", 1)
    document = standing(OPENED, steps, (), now=AT)
    assert document.notebook == (first, second)
    assert document.actions[3].text == "changed N-1: rebuilt in June"
