"""What was taken over is read back as it was decided, in the ledger's order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.errors import IntegrityError
from sekisho.model.entries import Entry
from sekisho.state.engine import writing
from sekisho.state.state import State

AT = datetime(2026, 3, 1, tzinfo=UTC)


def entries(*said: tuple[str, dict[str, Any]]) -> list[Entry]:
    found = []
    for seq, (kind, body) in enumerate(said, 1):
        prev = f"h{seq - 1}" if seq > 1 else "0" * 64
        found.append(Entry(seq, AT, "anong", kind, body, prev, f"h{seq}", seq, seq + 1))
    return found


def opening(number: int, *findings: str) -> tuple[str, dict[str, Any]]:
    body = {
        "incident": f"INC-{number}",
        "title": "smb",
        "seeds": [{"kind": "host", "value": "10.0.0.1"}],
        "findings": list(findings),
        "connections": 3,
        "days": 2,
    }
    return "incident.open", body


@pytest.fixture
def state(where: str | Path) -> Iterator[State]:
    with State.open(where) as opened:
        yield opened


def test_incidents_come_in_the_order_of_opening_with_their_findings(state: State) -> None:
    state.follow(entries(opening(1, "F-b", "F-a"), opening(2, "F-a"), opening(10)))
    opened = state.incidents().opened()
    assert [one.id for one in opened] == ["INC-1", "INC-2", "INC-10"]
    assert opened[0].findings == ("F-a", "F-b")
    assert opened[0].seeds == ({"kind": "host", "value": "10.0.0.1"},)
    assert (opened[0].connections, opened[0].days, opened[0].at) == (3, 2, AT)
    assert state.incidents().of_findings() == {"F-a": ("INC-1", "INC-2"), "F-b": ("INC-1",)}


def test_events_evidence_and_answers_are_of_their_incident(state: State) -> None:
    due = "2026-03-04T00:00:00Z"
    file = {"sensor": "th", "path": "a.log", "content": "c" * 64, "state": "gone", "why": "rotated"}
    answer = {"site": "th", "result": "affected", "text": "two", "sha256": "d" * 64, "size": 3}
    state.follow(
        entries(
            opening(1),
            opening(2),
            ("incident.task", {"incident": "INC-1", "task": "T-1", "text": "image", "due": due}),
            ("incident.assign", {"incident": "INC-2", "assignee": "ken"}),
            ("evidence.preserve", {"incident": "INC-1", "files": [file]}),
            ("inquiry.start", {"incident": "INC-1", "text": "Did you?", "due": due}),
            ("inquiry.answer", {"incident": "INC-1", **answer}),
        )
    )
    store = state.incidents()
    (task,) = store.events("INC-1")
    assert (task.action, task.task, task.text) == ("task", "T-1", "image")
    assert task.due == datetime(2026, 3, 4, tzinfo=UTC)
    assert [event.assignee for event in store.events("INC-2")] == ["ken"]
    assert len(store.events()) == 2
    (kept,) = store.evidence("INC-1")
    assert (kept.state, kept.why, kept.sha256, kept.size) == ("gone", "rotated", "", 0)
    start, said = store.inquiry("INC-1")
    assert (start.action, start.site, start.text, start.result) == ("start", "", "Did you?", None)
    assert (said.result, said.sha256, said.size) == ("affected", "d" * 64, 3)
    assert store.evidence("INC-2") == store.inquiry("INC-2") == ()


def test_a_word_that_no_program_wrote_is_damage(state: State) -> None:
    state.follow(entries(opening(1), ("incident.note", {"incident": "INC-1", "text": "x"})))
    with writing(state._engine) as connection:
        connection.exec_driver_sql("UPDATE incident_events SET action = 'erased'")
    with pytest.raises(IntegrityError, match="unknown word 'erased'"):
        state.incidents().events()
