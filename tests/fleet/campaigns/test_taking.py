from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.fleet.campaigns.asking import Live, Seen, queries_for
from sekisho.fleet.campaigns.course import Course
from sekisho.fleet.campaigns.questions import questions
from sekisho.fleet.campaigns.taking import DENYLISTED, MOST_REFUSED, Took, Write, heavy, took
from sekisho.model.campaigns import Asked, Limits, Settled
from sekisho.model.terminals import Campaign, Sighting

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
CAMPAIGN = Campaign("m", ("services", "rdp"), BEGIN, seq=9, queries={"up": "SELECT 1"})
LIVE = Live(CAMPAIGN, Course("running", 2, BEGIN), questions(CAMPAIGN))
NODE = Seen("node-1", Sighting("pc1"))
SERVICES = "sekisho_9_t_services"
BAD = [{"name": "evil", "path": r"C:\Users\Public\evil.exe"}]


@pytest.fixture
def kept() -> dict[int, Asked]:
    return queries_for([LIVE], NODE, {}, BEGIN).changed


def write(kept: dict[int, Asked], rows: Any, status: Any = 0, **more: Any) -> Took:
    given = Write({SERVICES: rows}, {SERVICES: status}, **{k: {SERVICES: v} for k, v in more.items()})
    return took([LIVE], NODE, kept, given, BEGIN)


def test_rows_are_judged_and_kept_for_the_lake(kept: dict[int, Asked]) -> None:
    found = write(
        kept, BAD, stats={"wall_time_ms": 70_000, "user_time": 5, "system_time": 6, "memory": 1}
    )
    assert [(a.check, a.outcome) for a in found.answers] == [("services", "findings")]
    assert found.rows[(9, "t_services")] == BAD
    settled = found.changed[9].settled["c_services"]
    assert (settled.fate, settled.wall_ms, settled.cpu_ms, settled.memory) == (
        "answered",
        70_000,
        11,
        1,
    )
    assert heavy(Limits(), found.changed[9].settled)
    assert not heavy(Limits(wall_ms=80_000), found.changed[9].settled)


def test_a_denylisted_query_is_known_as_such(kept: dict[int, Asked]) -> None:
    found = write(kept, "", 1, messages=DENYLISTED)
    assert found.changed[9].settled["c_services"].fate == "denylisted"
    assert [(a.outcome, a.reason) for a in found.answers] == [("failed", DENYLISTED)]
    later = BEGIN + timedelta(days=1)
    assert SERVICES not in queries_for([LIVE], NODE, kept | found.changed, later).queries


@pytest.mark.parametrize(
    ("rows", "status", "reason"),
    [
        ("", 1, "status 1: no such table"),
        ("rubbish", 0, "no list"),
        ([["a"]], 0, "no object"),
        ([{}] * 100_001, 0, "more than 100,000 rows"),
        ([], "0", "no number"),
        ([], True, "no number"),
        ([], 2**70, "status"),
    ],
)
def test_what_went_wrong_is_the_reason(
    kept: dict[int, Asked], rows: Any, status: Any, reason: str
) -> None:
    found = write(kept, rows, status, messages="no such table")
    assert reason in found.answers[0].reason
    assert found.answers[0].outcome == "failed"


def test_answers_nobody_asked_for_are_refused_and_counted(kept: dict[int, Asked]) -> None:
    texts = ["sekisho_8_t_services", "sekisho_9_t_nothing", "'; DROP TABLE x", "../../etc/passwd", "\0"]
    found = took([LIVE], NODE, kept, Write({key: [] for key in texts}), BEGIN)
    assert found.refused_count == 5
    assert not found.changed
    other = took([LIVE], NODE, {}, Write({SERVICES: BAD}), BEGIN)
    assert other.refused == ["an answer to services, which it was not asked"]
    many = took([LIVE], NODE, kept, Write({str(n): [] for n in range(500)}), BEGIN)
    assert (many.refused_count, len(many.refused)) == (500, MOST_REFUSED)


def test_a_repeated_answer_changes_nothing(kept: dict[int, Asked]) -> None:
    first = write(kept, BAD)
    again = write(kept | first.changed, [])
    assert (again.again, again.answers, again.changed) == (1, [], {})


def test_an_answer_after_it_was_given_up_counts(kept: dict[int, Asked]) -> None:
    lost = replace(kept[9], settled={"c_services": Settled("gave_up", BEGIN, "why")})
    found = write({9: lost}, [{"name": "a", "path": r"C:\Windows\a.exe"}])
    assert found.changed[9].settled["c_services"].fate == "answered"
    assert found.answers[0].outcome == "clean"


def test_answers_count_while_it_is_paused_and_when_it_is_over(kept: dict[int, Asked]) -> None:
    for state in ("paused", "ended", "expired"):
        over = replace(LIVE, course=Course(state, 2, BEGIN))  # type: ignore[arg-type]
        assert took([over], NODE, kept, Write({SERVICES: BAD}), BEGIN).answers


def test_a_check_waits_for_all_its_tables(kept: dict[int, Asked]) -> None:
    needed = LIVE.questions.units["c_rdp"]
    texts = [f"sekisho_9_{name}" for name in needed]
    found = took([LIVE], NODE, kept, Write({texts[0]: []}), BEGIN)
    assert ("c_rdp" in (found.changed or kept)[9].settled) == (len(texts) == 1)
    whole = took([LIVE], NODE, kept, Write({key: [] for key in texts}), BEGIN)
    assert "c_rdp" in whole.changed[9].settled


@pytest.mark.parametrize(
    "stats", [None, [], {"wall_time_ms": "x", "memory": -5, "user_time": True}, {"memory": 2.5}]
)
def test_odd_figures_are_none(kept: dict[int, Asked], stats: Any) -> None:
    settled = write(kept, [], stats=stats).changed[9].settled["c_services"]
    assert (settled.wall_ms, settled.cpu_ms, settled.memory) == (0, 0, 0)
