from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sekisho.model.entries import Entry
from sekisho.state.state import State

AT = datetime(2026, 3, 1, tzinfo=UTC)


def test_what_was_decided_and_who_recertified(where: str | Path) -> None:
    word = {"rule": "EDI", "hash": "ab", "site": "th", "owner": "it-th", "why": "orders"}
    entries = [
        ("restore.plan", {"restoration": "R-1", "plans": ["P-1"]}),
        ("policy.recertify", word),
        ("restore.waive", {"restoration": "R-1", "gate": "fleet"}),
        ("restore.plan", {"restoration": "R-2", "plans": ["P-2"]}),
    ]
    with State.open(where) as state:
        state.follow(
            Entry(n, AT, "ken", kind, body, f"h{n - 1}" if n > 1 else "0" * 64, f"h{n}", n, n + 1)
            for n, (kind, body) in enumerate(entries, 1)
        )
        store = state.restorations()
        assert [(e.restoration, e.action, e.seq) for e in store.events()] == [
            ("R-1", "plan", 1),
            ("R-1", "waive", 3),
            ("R-2", "plan", 4),
        ]
        assert [e.body["gate"] for e in store.events("R-1")[1:]] == ["fleet"]
        (one,) = store.recertified()
        assert (one.rule, one.rule_hash, one.site, one.owner, one.by, one.at, one.why) == (
            *(word[name] for name in ("rule", "hash", "site", "owner")),
            "ken",
            AT,
            "orders",
        )
