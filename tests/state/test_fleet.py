from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sekisho.model.terminals import Aside, CheckAnswer, Intake, Sighting
from sekisho.state.state import State

AT = datetime(2026, 3, 1, tzinfo=UTC)
PC = Sighting("pc1", serial="5CG123")


def intake(sha256: str, day: int) -> Intake:
    return Intake(sha256, "inv.csv", "csv", AT + timedelta(days=day), "ken", 1, 1, (Aside(3, "bad"),))


def test_a_file_counts_once_and_a_row_too(where: str | Path) -> None:
    with State.open(where) as state:
        store = state.fleet()
        assert store.take_in(intake("aa", 0), [(2, PC), (4, PC)])
        assert store.known("aa")
        assert not store.take_in(intake("aa", 5), [(2, Sighting("other"))])
        assert store.take_in(intake("bb", 1), [(9, PC), (10, Sighting("pc2"))])
        first, second = store.sightings()
        assert (first.sighting, first.intake, first.row) == (PC, "aa", 2)
        assert (first.first, first.last) == (AT, AT + timedelta(days=1))
        assert second.sighting.hostname == "pc2"
        assert [one.aside for one in store.intakes()] == [(Aside(3, "bad"),)] * 2


def test_answers_are_given_back_as_they_came(where: str | Path) -> None:
    answer = CheckAnswer("x", "aa", PC, "services", "findings", AT, AT, "", 3, ("odd",))
    with State.open(where) as state:
        state.fleet().take_in(intake("aa", 0), answers=[answer, answer])
        state.fleet().take_in(intake("bb", 0), answers=[answer])
        assert state.fleet().answers() == (answer,)


def test_only_what_found_something_is_asked_for(where: str | Path) -> None:
    given = [
        CheckAnswer("1", "aa", PC, "services", "findings", AT, findings=("odd",)),
        CheckAnswer("2", "aa", PC, "services", "clean", AT),
        CheckAnswer("3", "aa", PC, "rdp", "findings", AT, findings=("open",)),
    ]
    with State.open(where) as state:
        state.fleet().take_in(intake("aa", 0), answers=given)
        assert state.fleet().found(("services", "startup")) == (given[0],)
