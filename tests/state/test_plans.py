from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sekisho.model.entries import Entry
from sekisho.state.state import State

AT = datetime(2026, 3, 1, tzinfo=UTC)


def follow(state: State, *entries: tuple[str, dict[str, Any]]) -> None:
    state.follow(
        Entry(n, AT, "ken", kind, body, f"h{n - 1}" if n > 1 else "0" * 64, f"h{n}", n, n + 1)
        for n, (kind, body) in enumerate(entries, 1)
    )


def test_plans_and_what_was_done(where: str | Path) -> None:
    with State.open(where) as state:
        follow(
            state,
            ("plan.draft", {"plan": "P-1", "hash": "ab"}),
            ("plan.draft", {"plan": "P-2", "hash": "cd"}),
            ("plan.apply", {"plan": "P-1", "state": "applied", "results": {"g": {}}}),
        )
        assert [(p.id, p.seq, p.body["hash"]) for p in state.plans().drafted()] == [
            ("P-1", 1, "ab"),
            ("P-2", 2, "cd"),
        ]
        (event,) = state.plans().events("P-1")
        assert (event.action, event.state, event.by, event.at) == ("apply", "applied", "ken", AT)
        assert event.body["results"] == {"g": {}}
        assert state.plans().events("P-2") == ()
        assert len(state.plans().events()) == 1
