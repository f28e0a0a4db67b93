from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sekisho.model.terminals import STATES, CheckAnswer, Sighting

AT = datetime(2026, 3, 1, tzinfo=UTC)


def test_the_same_words_are_the_same_sighting() -> None:
    one = Sighting("pc1", serial="A1")
    assert one.id == Sighting("pc1", serial="A1").id
    assert one.id != Sighting("pc1", guid="A1").id
    assert len(one.id) == 64


def test_a_clock_that_runs_ahead_makes_nothing_newer() -> None:
    answer = CheckAnswer("a", "i", Sighting("pc1"), "services", "clean", AT)
    assert answer.at == AT
    assert replace(answer, collected=AT - timedelta(days=1)).at == AT - timedelta(days=1)
    assert replace(answer, collected=AT + timedelta(days=900)).at == AT


def test_every_state_is_named_once() -> None:
    assert len(set(STATES)) == len(STATES) == 9
