from __future__ import annotations

from dataclasses import asdict

from sekisho.sources.listeners.counters import Counters


def test_all_begin_at_nothing_and_are_told_apart() -> None:
    counters = Counters()
    assert set(asdict(counters).values()) == {0}
    counters.queue += 3
    assert [name for name, value in asdict(counters).items() if value] == ["queue"]
