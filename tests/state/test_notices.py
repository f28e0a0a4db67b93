from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sekisho.model.entries import Entry
from sekisho.state.state import State

AT = datetime(2026, 3, 1, tzinfo=UTC)
OPEN: dict[str, Any] = {
    "incident": "INC-1",
    "title": "t",
    "seeds": [],
    "findings": [],
    "connections": 0,
    "days": 0,
}
FACT = {
    "incident": "INC-1",
    "name": "people",
    "value": "5",
    "at": "2026-03-01T00:00:00Z",
    "source": "HR",
}
SENT = {
    "incident": "INC-1",
    "obligation": "jp-appi",
    "stage": "final",
    "at": "2026-03-01T00:00:00Z",
    "proof": "ab",
}


def follow(state: State, *entries: tuple[str, dict[str, Any]]) -> None:
    state.follow(
        Entry(n, AT, "ken", kind, body, f"h{n - 1}" if n > 1 else "0" * 64, f"h{n}", n, n + 1)
        for n, (kind, body) in enumerate(entries, 1)
    )


def test_facts_and_deliveries_in_order(where: str | Path) -> None:
    with State.open(where) as state:
        follow(state, ("incident.open", OPEN), ("notify.fact", FACT), ("notify.delivery", SENT))
        fact, sent = state.notices().events("INC-1")
        assert (fact.action, fact.seq, fact.by, fact.at, fact.body["value"]) == (
            "fact",
            2,
            "ken",
            AT,
            "5",
        )
        assert (sent.action, sent.body["stage"]) == ("delivery", "final")
        assert state.notices().events("INC-2") == ()
