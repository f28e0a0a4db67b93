"""Entries become rows; a body that is not what its kind promises stops the state, not the ledger."""

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


def entry(kind: str, body: dict[str, Any], seq: int = 1) -> Entry:
    prev = f"h{seq - 1}" if seq > 1 else "0" * 64
    return Entry(seq, AT, "anong", kind, body, prev, f"h{seq}", seq, seq + 1)


@pytest.fixture
def state(where: str | Path) -> Iterator[State]:
    with State.open(where) as opened:
        yield opened


def test_kinds_of_others_are_passed_over(state: State) -> None:
    assert state.follow([entry("weather.report", {"anything": 1})]) == 1
    assert state.events() == ()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("finding.accept", {}),
        ("finding.accept", {"finding": "F", "until": "soon"}),
        ("policy.version", {"sha256": "a"}),
        ("policy.version", {"sha256": "a", "files": [1]}),
        ("policy.version", {"sha256": "a", "files": [], "rules": [{"id": "x"}]}),
        ("rule.accept_retroactive", {}),
        ("audit.record", {"name": "Q1"}),
        ("alert.acknowledge", {"why": "known"}),
        ("maintenance.set", {"name": "M-1", "why": "firmware"}),
    ],
)
def test_a_body_that_lacks_something_is_damage_and_takes_nothing(
    kind: str, body: dict[str, Any], state: State
) -> None:
    with pytest.raises(IntegrityError, match="cannot be understood"):
        state.follow([entry("finding.note", {"finding": "F"}), entry(kind, body, 2)])
    assert state.cursor().seq == 0
    assert state.events() == ()


def test_the_first_register_with_rules_is_the_baseline(state: State) -> None:
    def version(seq: int, sha: str, *rules: str) -> Entry:
        listed = [{"hash": rule, "id": rule} for rule in rules]
        return entry("policy.version", {"sha256": sha, "files": [], "rules": listed}, seq)

    state.follow([version(1, "a"), version(2, "b", "r1", "r2"), version(3, "c", "r1", "r3")])
    assert {(rule.rule_id, rule.baseline, rule.version) for rule in state.rules()} == {
        ("r1", True, "b"),
        ("r2", True, "b"),
        ("r3", False, "c"),
    }


def test_an_audit_of_a_name_that_is_taken_contradicts(state: State) -> None:
    body = {"name": "Q1", "document": "d"}
    state.follow([entry("audit.record", body)])
    with pytest.raises(IntegrityError, match="contradicts"):
        state.follow([entry("audit.record", body, 2)])


def test_a_window_that_is_ended_early_ends_then_and_never_later(state: State) -> None:
    times = {"from": "2026-02-01T00:00:00Z", "until": "2026-04-01T00:00:00Z"}
    body = {"name": "M-1", "why": "firmware", "sites": ["th-plant"], **times}
    past = body | {"name": "M-2", "until": "2026-02-02T00:00:00Z"}
    ends = [entry("maintenance.end", {"name": name}, seq) for seq, name in ((3, "M-1"), (4, "M-2"))]
    state.follow([entry("maintenance.set", body), entry("maintenance.set", past, 2), *ends])
    first, second = state.maintenance()
    assert first.end == AT
    assert second.end < AT
    assert first.scope == {"sites": ["th-plant"], "links": [], "hosts": [], "rules": []}


def test_answers_come_back_in_the_order_of_the_ledger(state: State) -> None:
    until = {"until": "2026-04-01T00:00:00Z"}
    state.follow(
        [
            entry("alert.snooze", {"alert": "A-1", "why": "later", **until}),
            entry("alert.acknowledge", {"alert": "A-1", "why": "known"}, 2),
        ]
    )
    assert [(a.seq, a.action, a.why) for a in state.answers()] == [
        (1, "snooze", "later"),
        (2, "acknowledge", "known"),
    ]
