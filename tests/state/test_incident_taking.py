"""Entries about incidents become rows, or stop the state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.errors import IntegrityError
from sekisho.model.entries import Entry
from sekisho.state.state import State

AT = datetime(2026, 3, 1, tzinfo=UTC)
OPEN = {
    "incident": "INC-1",
    "title": "smb",
    "seeds": [{"kind": "host", "value": "10.0.0.1"}],
    "findings": ["F-1", "F-2"],
    "connections": 3,
    "days": 2,
}
FILE = {"sensor": "th", "path": "a.log", "content": "c" * 64, "state": "preserved"}


def entry(kind: str, body: dict[str, Any], seq: int) -> Entry:
    prev = f"h{seq - 1}" if seq > 1 else "0" * 64
    return Entry(seq, AT, "anong", kind, body, prev, f"h{seq}", seq, seq + 1)


@pytest.fixture
def state(where: str | Path) -> Iterator[State]:
    with State.open(where) as opened:
        yield opened


def follow(state: State, *entries: tuple[str, dict[str, Any]]) -> None:
    state.follow([entry(kind, body, seq) for seq, (kind, body) in enumerate(entries, 1)])


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("incident.open", {"incident": "INC-2"}, "cannot be understood"),
        ("incident.open", OPEN, "contradicts"),
        ("incident.note", {"text": "x"}, "cannot be understood"),
        ("incident.note", {"incident": "INC-9", "text": "x"}, "contradicts"),
        ("incident.task", {"incident": "INC-1", "task": "T-1", "due": "soon"}, "cannot be understood"),
        ("evidence.preserve", {"incident": "INC-1", "files": [FILE | {"state": "lost"}]}, "none of"),
        ("inquiry.answer", {"incident": "INC-1", "site": "th", "result": "fine"}, "none of"),
        ("inquiry.ask", {"incident": "INC-1"}, "cannot be understood"),
    ],
)
def test_a_body_that_says_something_else_takes_nothing(
    kind: str, body: dict[str, Any], message: str, state: State
) -> None:
    with pytest.raises(IntegrityError, match=message):
        follow(state, ("incident.open", OPEN), (kind, body))
    assert state.cursor().seq == 0
    assert state.incidents().opened() == ()


def test_one_asking_of_several_sites_is_a_row_each(state: State) -> None:
    sites = [{"site": name, "contact": "x", "due": "2026-03-04T00:00:00Z"} for name in ("jp", "th")]
    follow(state, ("incident.open", OPEN), ("inquiry.ask", {"incident": "INC-1", "sites": sites}))
    assert [(e.seq, e.site) for e in state.incidents().inquiry("INC-1")] == [(2, "jp"), (2, "th")]
