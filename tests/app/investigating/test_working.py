from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from sekisho.app.investigating.working import act, close, listed, shown
from sekisho.app.ledger import entries
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError


def test_work_stands_in_the_ledger_and_in_the_incident(
    workspace: Workspace, opened: str, now: datetime
) -> None:
    more: dict[str, Any] = {"now": now, "by": "ken"}
    act(workspace, opened, "note", text=" rebuilt in May ", **more)
    act(workspace, "1", "assign", assignee="aiko", **more)
    due = now + timedelta(hours=12)
    act(workspace, "inc-1", "task", text="image the disk", assignee="ken", due=due, **more)
    act(workspace, opened, "task", text="ask Rayong", **more)
    document = act(workspace, opened, "task_done", task="t-1", text="clean", **more)
    assert document.assignee == "aiko"
    assert [(t.id, t.assignee, t.outcome) for t in document.tasks] == [
        ("T-1", "ken", "clean"),
        ("T-2", None, None),
    ]
    assert document == shown(workspace, opened, now=now)
    last = entries(workspace, 5)
    assert [entry.kind for entry in last][:2] == ["incident.note", "incident.assign"]
    assert last[0].body == {"incident": "INC-1", "text": "rebuilt in May"}
    assert [a.entry for a in document.actions][1:] == [entry.seq for entry in last]


def test_of_several_who_write_at_once_each_is_told_its_own(
    workspace: Workspace, opened: str, now: datetime
) -> None:
    at_once = Barrier(3)

    def write(who: str) -> list[tuple[str, str, str, str]]:
        told = []
        at_once.wait(60)
        for number in range(6):
            text = f"{who} {number}"
            noted = act(workspace, opened, "note", now=now, by=who, text=text).notebook[-1]
            added = act(workspace, opened, "task", now=now, by=who, text=text).tasks[-1]
            assert (noted.text, added.text) == (text, text)
            told.append((noted.id, noted.text, added.id, added.text))
        return told

    with ThreadPoolExecutor(3) as pool:
        told = [one for found in pool.map(write, ("aiko", "ken", "mai")) for one in found]
    stands = shown(workspace, opened, now=now)
    assert {(n, text) for n, text, _, _ in told} == {(n.id, n.text) for n in stands.notebook}
    assert {(t, text) for _, _, t, text in told} == {(t.id, t.text) for t in stands.tasks}
    assert len(stands.notebook) == len(stands.tasks) == 18


def test_the_list_is_of_what_is_asked(workspace: Workspace, opened: str, now: datetime) -> None:
    assert [one.id for one in listed(workspace, now=now).incidents] == [opened]
    assert listed(workspace, now=now, assignee="nobody").incidents == ()
    close(workspace, opened, now=now, by="aiko", why="over")
    after = listed(workspace, now=now)
    assert after.incidents == ()
    assert "1 more" in after.notes[0]
    (one,) = listed(workspace, now=now, status="closed").incidents
    assert (one.closed_why, one.held) == ("over", True)


def test_no_incident_is_not_no_finding(workspace: Workspace, now: datetime) -> None:
    assert "ever opened" in listed(workspace, now=now).notes[0]
    with pytest.raises(RequestError, match="there is no incident 3"):
        shown(workspace, "3", now=now)


def test_what_makes_no_sense_leaves_no_entry(workspace: Workspace, opened: str, now: datetime) -> None:
    before = entries(workspace, 100)
    for action, more, message in (
        ("note", {}, "says something"),
        ("note", {"text": "x" * 4001}, "at most"),
        ("close", {"text": " "}, "a reason"),
        ("reopen", {"text": "x"}, "is open already"),
        ("assign", {}, "to whom"),
        ("task", {"text": "x", "due": now}, "is past"),
        ("task_done", {"task": "T-1"}, "has no task"),
    ):
        with pytest.raises(RequestError, match=message):
            act(workspace, opened, action, now=now, by="ken", **more)  # type: ignore[arg-type]
    assert entries(workspace, 100) == before
    act(workspace, opened, "task", now=now, by="ken", text="x")
    act(workspace, opened, "task_done", now=now, by="ken", task="1")
    with pytest.raises(RequestError, match="T-1 is done already"):
        act(workspace, opened, "task_done", now=now, by="ken", task="1")
    close(workspace, opened, now=now, by="ken", why="over")
    with pytest.raises(RequestError, match="is closed already"):
        close(workspace, opened, now=now, by="ken", why="over")


def test_changing_a_note_alters_neither_what_it_said_nor_the_evidence(
    workspace: Workspace, opened: str, now: datetime
) -> None:
    more: dict[str, Any] = {"now": now, "by": "ken"}
    before = act(workspace, opened, "note", text="rebuilt in May", **more)
    files = {path: path.read_bytes() for path in workspace.cases.rglob("*") if path.is_file()}
    assert files
    after = act(workspace, opened, "note_edit", text="rebuilt in June", note="n-1", **more)
    (note,) = after.notebook
    assert (note.text, [v.text for v in note.versions]) == (
        "rebuilt in June",
        ["rebuilt in May", "rebuilt in June"],
    )
    assert after.evidence == before.evidence
    assert after.actions[: len(before.actions)] == before.actions
    assert {path: path.read_bytes() for path in workspace.cases.rglob("*") if path.is_file()} == files
    last = entries(workspace, 1)
    assert last[0].body == {"incident": opened, "text": "rebuilt in June", "note": "N-1"}
    for name, text, message in (("N-2", "x", "no note"), ("1", "rebuilt in June", "already")):
        with pytest.raises(RequestError, match=message):
            act(workspace, opened, "note_edit", text=text, note=name, **more)
    with pytest.raises(RequestError, match="says something"):
        act(workspace, opened, "note_edit", text=" ", note="N-1", **more)
    assert entries(workspace, 1) == last
