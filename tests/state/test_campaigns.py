from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.errors import IntegrityError
from sekisho.model.campaigns import Asked, Settled, Tally
from sekisho.model.entries import Entry
from sekisho.state.campaigns import asked_of, put
from sekisho.state.engine import connect, reading, writing
from sekisho.state.state import State

AT = datetime(2026, 3, 1, 12, 30, 0, 123456, tzinfo=UTC)
DONE = Asked(0, {"c_rdp": 1}, AT, {"c_rdp": Settled("answered", AT, "", 12, 3, 4)}, done=True)
WRONG = Asked(1, {"c_rdp": 2}, AT, {"c_rdp": Settled("denylisted", AT, "why")}, done=True)
OPEN = Asked(1, {"c_rdp": 1}, AT)


@pytest.fixture
def state(where: str | Path) -> Any:
    with State.open(where) as opened:
        yield opened


def entry(n: int, kind: str, body: dict[str, Any]) -> Entry:
    return Entry(n, AT, "ken", kind, body, f"h{n - 1}" if n > 1 else "0" * 64, f"h{n}", n, n + 1)


def keep(where: str | Path, rows: dict[tuple[int, str], tuple[Asked, bool]]) -> None:
    engine = connect(where, 5)
    with writing(engine) as connection:
        put(connection, rows)
    engine.dispose()


def test_what_is_kept_comes_back_whole(state: State, where: str | Path) -> None:
    keep(where, {(4, "n1"): (DONE, False), (4, "n2"): (OPEN, False), (5, "n1"): (WRONG, True)})
    engine = connect(where, 5)
    with reading(engine) as connection:
        found = asked_of(connection, ["n1", "n2", "n3"], [4, 5])
        some = asked_of(connection, ["n1", "n2"], [4], whole=False)
        none = asked_of(connection, ["n1"], [])
    engine.dispose()
    assert found == {"n1": {4: DONE, 5: WRONG}, "n2": {4: OPEN}, "n3": {}}
    assert some == {"n1": {4: Asked(0, done=True)}, "n2": {4: OPEN}}
    assert none == {"n1": {}}
    assert state.campaigns().asked("n1") == {4: DONE, 5: WRONG}
    assert [(n, q, s.fate) for n, q, s in state.campaigns().troubled(5)] == [
        ("n1", "c_rdp", "denylisted")
    ]


def test_keeping_again_counts_once(state: State, where: str | Path) -> None:
    keep(where, {(4, "n1"): (OPEN, False), (4, "n2"): (OPEN, False)})
    keep(where, {(4, "n1"): (WRONG, True), (4, "n3"): (DONE, False)})
    keep(where, {})
    tallies = state.campaigns().tallies(4)
    assert tallies == {0: Tally(1, 1), 1: Tally(2, 1, 1, 1, 1)}
    assert state.campaigns().tallies(5) == {}


def test_many_terminals_are_asked_for_at_once(state: State, where: str | Path) -> None:
    keep(where, {(4, f"n{n}"): (OPEN, False) for n in range(1200)})
    engine = connect(where, 5)
    with reading(engine) as connection:
        found = asked_of(connection, [f"n{n}" for n in range(1200)], [4])
    engine.dispose()
    assert sum(map(len, found.values())) == 1200


def test_turns_follow_the_ledger(state: State) -> None:
    body = {
        "name": "march",
        "checks": ["rdp"],
        "why": "w",
        "queries": {"up": "SELECT 1"},
        "until": (AT + timedelta(days=3)).isoformat(),
        "sites": ["th-plant"],
        "incident": "INC-1",
        "limits": {"share": 0.1, "at_least": 4},
    }
    resumed = {"campaign": 1, "why": "seen", "seen": {"done": 9, "failed": 4}}
    state.follow(
        [
            entry(1, "fleet.campaign", body),
            entry(2, "fleet.campaign_pause", {"campaign": 1, "why": "5 failed"}),
            entry(3, "fleet.campaign_resume", resumed),
        ]
    )
    (campaign,) = state.fleet().campaigns()
    assert (campaign.seq, campaign.queries, campaign.sites) == (1, {"up": "SELECT 1"}, ("th-plant",))
    assert (campaign.limits.share, campaign.limits.at_least, campaign.limits.wall_ms) == (
        0.1,
        4,
        60_000,
    )
    assert campaign.until == AT + timedelta(days=3)
    events = state.campaigns().events()
    assert [(e.seq, e.campaign, e.action, e.why) for e in events] == [
        (2, 1, "pause", "5 failed"),
        (3, 1, "resume", "seen"),
    ]
    assert events[1].body == {"done": 9, "failed": 4}


def test_a_row_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with State.open(tmp_path / "s.db") as state:
        keep(tmp_path / "s.db", {(4, "n1"): (OPEN, False)})
        engine = connect(tmp_path / "s.db", 5)
        with writing(engine) as connection:
            connection.exec_driver_sql("UPDATE fleet_asks SET body = '{'")
        engine.dispose()
        with pytest.raises(IntegrityError, match="cannot be read"):
            state.campaigns().asked("n1")


def test_only_terminals_of_the_inventory_are_counted_where_there_are_any(
    state: State, where: str | Path
) -> None:
    keep(where, {(4, "1"): (DONE, False), (4, "2"): (WRONG, False), (4, "3"): (WRONG, False)})
    assert state.campaigns().tallies(4, homed=True) == state.campaigns().tallies(4)
    state.homes().keep({1: "jp-hq", 2: ""})
    assert state.campaigns().tallies(4, homed=True) == {0: Tally(1, 1), 1: Tally(1, 1, 1, 1)}
    assert state.campaigns().tallies(4)[1].asked == 2
