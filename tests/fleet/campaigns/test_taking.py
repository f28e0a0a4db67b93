from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sekisho.fleet.campaigns.asking import Live, Seen, queries_for
from sekisho.fleet.campaigns.course import Course
from sekisho.fleet.campaigns.questions import questions
from sekisho.fleet.campaigns.taking import DENYLISTED, Result, Took, heavy, took
from sekisho.model.campaigns import Asked, Limits, Settled
from sekisho.model.terminals import Campaign, Sighting

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
CHECKS = ("services", "wmi-subscriptions", "patch-age")
CAMPAIGN = Campaign("m", CHECKS, BEGIN, seq=9, queries={"up": "SELECT 1"})
LIVE = Live(CAMPAIGN, Course("running", 2, BEGIN), questions(CAMPAIGN))
NODE = Seen("node-1", Sighting("pc1"))
SERVICES = "sekisho_9_t_services"
GOOD = Result(0)


@pytest.fixture
def kept() -> dict[int, Asked]:
    return queries_for([LIVE], NODE, {}, BEGIN).changed


def write(kept: dict[int, Asked], result: Result) -> Took:
    return took([LIVE], kept, {SERVICES: result}, BEGIN)


def ids(unit: str) -> list[str]:
    return [f"sekisho_9_{name}" for name in LIVE.questions.units[unit]]


def test_an_answer_is_settled_with_what_it_cost(kept: dict[int, Asked]) -> None:
    stats = {"wall_time_ms": 70_000, "user_time": 5, "system_time": 6, "memory": 1}
    found = write(kept, Result(0, "", stats))
    assert found.taken == {SERVICES: (9, "t_services")}
    settled = found.changed[9].settled["c_services"]
    assert (settled.fate, settled.wall_ms, settled.cpu_ms, settled.memory) == (
        "answered",
        70_000,
        11,
        1,
    )
    assert heavy(Limits(), found.changed[9].settled)
    assert not heavy(Limits(wall_ms=80_000), found.changed[9].settled)


def test_impossible_figures_are_bounded(kept: dict[int, Asked]) -> None:
    settled = write(kept, Result(0, "", {"wall_time_ms": -5, "memory": 1 << 61})).changed[9].settled
    assert (settled["c_services"].wall_ms, settled["c_services"].memory) == (0, 1 << 53)


def test_a_denylisted_query_is_known_as_such_and_not_asked_again(kept: dict[int, Asked]) -> None:
    found = write(kept, Result(1, DENYLISTED))
    assert found.changed[9].settled["c_services"].fate == "denylisted"
    later = BEGIN + timedelta(days=1)
    assert SERVICES not in queries_for([LIVE], NODE, kept | found.changed, later).queries


def test_a_failure_has_its_reason_with_nothing_that_controls_a_screen(kept: dict[int, Asked]) -> None:
    settled = write(kept, Result(1, "no such table\x1b[2J\0" + "x" * 9000)).changed[9].settled
    one = settled["c_services"]
    assert one.fate == "failed"
    assert one.reason.startswith("status 1: no such table\ufffd[2J\ufffdx")
    assert len(one.reason) == 300


def test_answers_nobody_asked_for_are_refused(kept: dict[int, Asked]) -> None:
    texts = ["sekisho_8_t_services", "sekisho_9_t_nothing", "'; DROP TABLE x", "../../etc/passwd", "\0"]
    found = took([LIVE], kept, dict.fromkeys(texts, GOOD), BEGIN)
    assert set(found.refused) == set(texts)
    assert not found.changed
    other = took([LIVE], {}, {SERVICES: GOOD}, BEGIN)
    assert other.refused == {SERVICES: "an answer to services, which it was not asked"}


def test_a_repeated_answer_changes_nothing(kept: dict[int, Asked]) -> None:
    first = write(kept, GOOD)
    again = write(kept | first.changed, Result(1, "other"))
    assert (again.again, again.taken, again.changed) == ({SERVICES}, {}, {})


def test_an_answer_after_it_was_given_up_counts(kept: dict[int, Asked]) -> None:
    lost = replace(kept[9], settled={"c_services": Settled("gave_up", BEGIN, "why")})
    assert write({9: lost}, GOOD).changed[9].settled["c_services"].fate == "answered"


def test_answers_count_while_it_is_paused_and_when_it_is_over(kept: dict[int, Asked]) -> None:
    for state in ("paused", "ended", "expired"):
        over = replace(LIVE, course=Course(state, 2, BEGIN))  # type: ignore[arg-type]
        assert took([over], kept, {SERVICES: GOOD}, BEGIN).changed


def test_a_check_waits_for_all_its_tables(kept: dict[int, Asked]) -> None:
    texts = ids("c_wmi-subscriptions")
    part = took([LIVE], kept, {texts[0]: GOOD}, BEGIN)
    assert set(part.taken) == {texts[0]}
    assert not part.changed
    whole = took([LIVE], kept, dict.fromkeys(texts, GOOD), BEGIN)
    assert whole.changed[9].settled["c_wmi-subscriptions"].fate == "answered"
    failed = took([LIVE], kept, {texts[1]: Result(1, "x")}, BEGIN)
    assert failed.changed[9].settled["c_wmi-subscriptions"].fate == "failed"


def test_a_check_that_needs_any_of_its_tables_fails_when_all_do(kept: dict[int, Asked]) -> None:
    texts = ids("c_patch-age")
    bad = Result(1, "no such table")
    most = dict.fromkeys(texts[1:], bad) | {texts[0]: GOOD}
    assert took([LIVE], kept, most, BEGIN).changed[9].settled["c_patch-age"].fate == "answered"
    every = dict.fromkeys(texts, bad)
    assert took([LIVE], kept, every, BEGIN).changed[9].settled["c_patch-age"].fate == "failed"


def test_all_settled_is_done(kept: dict[int, Asked]) -> None:
    texts = [f"sekisho_9_{name}" for name in LIVE.questions.sql]
    assert took([LIVE], kept, dict.fromkeys(texts, GOOD), BEGIN).changed[9].done
    assert not took([LIVE], kept, dict.fromkeys(texts[1:], GOOD), BEGIN).changed[9].done


def test_a_table_that_its_platform_has_not_is_no_failure(kept: dict[int, Asked]) -> None:
    gone = Result(1, "no such table: services")
    settled = write(kept, gone).changed[9].settled["c_services"]
    assert (settled.fate, settled.reason) == (
        "not_applicable",
        "its osquery says: no such table: services",
    )
    for result, platform in (
        (gone, "windows"),
        (Result(1, "no such table: registry"), ""),
        (Result(1, "no such table: services!"), ""),
    ):
        found = took([LIVE], kept, {SERVICES: result}, BEGIN, platform)
        assert found.changed[9].settled["c_services"].fate == "failed"


def test_what_else_went_wrong_is_a_failure_all_the_same(kept: dict[int, Asked]) -> None:
    names = ids("c_wmi-subscriptions")
    results = {name: Result(1, f"no such table: {name.partition('_t_')[2]}") for name in names}
    found = took([LIVE], kept, results, BEGIN)
    assert found.changed[9].settled["c_wmi-subscriptions"].fate == "not_applicable"
    found = took([LIVE], kept, results | {names[-1]: Result(1, "disk I/O error")}, BEGIN)
    assert found.changed[9].settled["c_wmi-subscriptions"].fate == "failed"


def test_an_answer_to_what_does_not_apply_is_refused() -> None:
    linux = replace(NODE, platform="linux")
    live = LIVE.of("node-1", "linux")
    kept = queries_for([LIVE], linux, {}, BEGIN).changed
    found = took([live], kept, {SERVICES: GOOD}, BEGIN, "linux")
    assert (set(found.refused), found.taken) == ({SERVICES}, {})
    # Nor where it said something else when it was to be asked.
    assert set(took([LIVE], kept, {SERVICES: GOOD}, BEGIN).refused) == {SERVICES}
