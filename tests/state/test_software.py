from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from sekisho.errors import IntegrityError
from sekisho.model.terminals import CheckAnswer, Installed, Intake, Program, Sighting
from sekisho.state import fleet_tables as tables
from sekisho.state.engine import writing
from sekisho.state.state import State

AT = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
A, B = Program("a", "1", "A"), Program("b")


def answer(number: int, at: datetime, *programs: Program, host: str = "pc1") -> CheckAnswer:
    software = {"programs": programs} if programs else {}
    return CheckAnswer(
        str(number), "x", Sighting(host), "remote-access", "clean", at, at, software=software
    )


def take(state: State, sha256: str, *answers: CheckAnswer) -> None:
    state.fleet().take_in(Intake(sha256, "x", "osquery", AT, "ken", 1), answers=answers)


def test_the_newest_of_a_machine_is_kept(where: str | Path) -> None:
    with State.open(where) as state:
        take(state, "1", answer(1, AT, A), answer(2, AT, B, host="pc2"))
        take(state, "2", answer(3, AT + DAY, B), answer(4, AT - DAY, B, host="pc2"))
        # An answer that says nothing of software takes nothing away.
        take(state, "3", answer(5, AT + 2 * DAY))
        found = {one.who.hostname: one for one in state.fleet().installed()}
        assert found["pc1"] == Installed(Sighting("pc1"), "programs", AT + DAY, (B,))
        # What comes late and was collected before changes nothing.
        assert found["pc2"].programs == (B,)
        assert found["pc2"].at == AT


def test_what_was_not_written_so_is_damage(where: str | Path) -> None:
    with State.open(where) as state:
        take(state, "1", answer(1, AT, A))
        with writing(state._engine) as connection:
            connection.execute(update(tables.software).values(programs=b"x"))
        with pytest.raises(IntegrityError):
            list(state.fleet().installed())
