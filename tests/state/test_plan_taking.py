from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.errors import IntegrityError
from sekisho.model.entries import Entry
from sekisho.state.state import State

AT = datetime(2026, 3, 1, tzinfo=UTC)


def follow(state: State, *entries: tuple[str, dict[str, Any]]) -> None:
    state.follow(
        Entry(n, AT, "ken", kind, body, f"h{n - 1}" if n > 1 else "0" * 64, f"h{n}", n, n + 1)
        for n, (kind, body) in enumerate(entries, 1)
    )


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("plan.draft", {"hash": "x"}, "cannot be understood"),
        ("plan.draft", {"plan": "P-1"}, "contradicts"),
        ("plan.apply", {"plan": "P-1", "state": "glorious"}, "cannot be understood"),
        ("plan.apply", {"plan": "P-9", "state": "applied"}, "contradicts"),
    ],
)
def test_entries_that_make_no_sense(
    where: str | Path, kind: str, body: dict[str, Any], message: str
) -> None:
    with State.open(where) as state, pytest.raises(IntegrityError, match=message):
        follow(state, ("plan.draft", {"plan": "P-1"}), (kind, body))


def test_a_probe_is_one_entry_for_the_plan_and_for_terminals(where: str | Path) -> None:
    body = {
        "plan": "P-1",
        "state": "draft",
        "name": "P-1 probe 1",
        "why": "w",
        "queries": {"try_0": "SELECT 1"},
    }
    body |= {"only": {"try_0": ["7"]}, "until": "2026-03-01T00:15:00Z"}
    with State.open(where) as state:
        nobody = {**body, "only": {}, "name": "P-1 probe 2"}
        follow(state, ("plan.draft", {"plan": "P-1"}), ("plan.probe", body), ("plan.probe", nobody))
        assert [one.action for one in state.plans().events()] == ["probe", "probe"]
        (asking,) = state.fleet().asking()
        assert (asking.seq, asking.only, asking.ramp) == (2, {"try_0": ("7",)}, (1.0,))
        assert state.fleet().campaigns() == (), "it says nothing of how terminals stand"
