from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sekisho.app.findings import MAX_TEXT, current, decide, find, history
from sekisho.app.ledger import entries
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.model.findings import AuditDocument, Finding
from sekisho.state.records import Action


@pytest.fixture
def document(read_company: Workspace, now: datetime) -> AuditDocument:
    return current(read_company, now=now, by="aiko")


@pytest.fixture
def finding(document: AuditDocument) -> Finding:
    return document.findings[0]


def test_by_id_or_the_only_beginning(document: AuditDocument, finding: Finding) -> None:
    assert find(document, finding.id) is find(document, finding.id[2:9]) is finding
    with pytest.raises(RequestError, match="is the beginning of 5 findings") as several:
        find(document, "F-")
    assert finding.id in several.value.mend
    with pytest.raises(RequestError, match="there is no finding zzz"):
        find(document, "zzz")


def test_an_id_that_begins_another_is_still_itself(document: AuditDocument, finding: Finding) -> None:
    longer = finding.model_copy(update={"id": finding.id + "0"})
    both = document.model_copy(update={"findings": (longer, finding)})
    assert find(both, finding.id) is finding


def test_a_decision_stands_in_the_ledger(raw: Workspace, finding: Finding, now: datetime) -> None:
    life = decide(raw, finding, "accept", now=now, by="aiko", why=" CHG-9 ")
    assert (life.status, life.who, life.why) == ("accepted", "aiko", "CHG-9")
    assert life.until == now + timedelta(days=90), "as the settings say"
    (entry,) = entries(raw, 10)
    assert (entry.kind, entry.by, entry.at) == ("finding.accept", "aiko", now)
    assert entry.body["until"] == "2020-09-06T00:00:00.000000Z"
    assert [(e.action, e.why) for e in history(raw, finding.id)] == [("accept", "CHG-9")]


def test_the_life_goes_on(raw: Workspace, finding: Finding, now: datetime) -> None:
    steps: list[tuple[Action, str]] = [("assign", "open"), ("close", "closed"), ("reopen", "open")]
    for action, status in steps:
        life = decide(raw, finding, action, now=now, by="aiko", why="x", assignee="ken")
        assert (life.status, life.assignee) == (status, "ken")
    with pytest.raises(RequestError, match="open already"):
        decide(raw, finding, "reopen", now=now, by="aiko", why="x")


def test_a_note_changes_nothing_and_is_kept(raw: Workspace, finding: Finding, now: datetime) -> None:
    assert decide(raw, finding, "note", now=now, by="aiko", why="asked Rayong").status == "open"
    assert [e.why for e in history(raw, finding.id)] == ["asked Rayong"]


def test_what_is_refused_leaves_no_entry(raw: Workspace, finding: Finding, now: datetime) -> None:
    for action, why, more in (
        ("close", "  ", {}),
        ("close", "x" * (MAX_TEXT + 1), {}),
        ("assign", "", {"assignee": " "}),
        ("accept", "x", {"until": now}),
        ("reopen", "x", {}),
    ):
        with pytest.raises(RequestError):
            decide(raw, finding, action, now=now, by="aiko", why=why, **more)  # type: ignore[arg-type]
    assert entries(raw, 10) == []
