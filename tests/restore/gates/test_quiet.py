from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.restore.conftest import NOW, SINCE, SITES, Found, Make, hours

from sekisho.audit.coverage import Coverage
from sekisho.audit.stretches import hour_of
from sekisho.inventory.files import parse_inventory
from sekisho.model.findings import Life
from sekisho.restore.gates.quiet import QuietGate
from sekisho.restore.rules import Demands

MARCH_3 = datetime(2026, 3, 3, tzinfo=UTC)


def test_whole_days_since_the_cut_that_both_ends_recorded(subject: Make) -> None:
    answer = QuietGate().judge(subject())
    assert (answer.verdict, answer.why) == ("open", "3 of 3 days were quiet")
    assert [day.day.day for day in answer.days] == [2, 3, 4]
    assert answer.days[0].covered == {"jp": 1.0, "th": 1.0}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"state": "no_data"}, "th recorded 92% of the day"),
        ({"lost": 3}, "th recorded 92% of the day"),
    ],
)
def test_hours_without_data_are_not_covered(subject: Make, row: dict[str, Any], why: str) -> None:
    at = MARCH_3 + timedelta(hours=7)
    rows = (
        hours(SINCE, at),
        hours(at, at + timedelta(hours=2), **row),
        hours(at + timedelta(hours=2), NOW),
    )
    answer = QuietGate().judge(subject({"th-edge": rows}))
    assert (answer.verdict, answer.days[1].quiet, answer.days[1].why) == ("closed", False, why)


def test_an_ordinary_silence_of_a_whole_day_shows_nothing(subject: Make) -> None:
    silent = hours(MARCH_3, MARCH_3 + timedelta(days=1), state="quiet", shown=False, flows=0)
    rows = (hours(SINCE, MARCH_3), silent, hours(MARCH_3 + timedelta(days=1), NOW))
    assert QuietGate().judge(subject({"th-edge": rows})).verdict == "closed"
    at = MARCH_3 + timedelta(hours=20)
    shorter = hours(MARCH_3, at, state="quiet", shown=False, flows=0)
    rows = (hours(SINCE, MARCH_3), shorter, hours(at, NOW))
    assert QuietGate().judge(subject({"th-edge": rows})).verdict == "open"


def test_a_violation_begins_the_count_anew(subject: Make, finding: Found) -> None:
    loud = finding(last_seen=MARCH_3 + timedelta(hours=3))
    answer = QuietGate().judge(subject(findings=(loud,)))
    assert answer.why == "1 of 3 days were quiet"
    assert [day.quiet for day in answer.days] == [False, False, True]
    accepted = loud.model_copy(update={"life": Life(status="accepted", who="ken", why="known")})
    assert QuietGate().judge(subject(findings=(accepted,))).verdict == "open"
    changed = loud.model_copy(update={"verdict": "authorized"})
    assert QuietGate().judge(subject(findings=(changed,))).verdict == "open"


def test_what_is_not_looked_at_now_is_not_given_back(subject: Make) -> None:
    answer = QuietGate().judge(subject(now=NOW + timedelta(days=1)))
    assert answer.verdict == "closed"
    assert "the latest was not" in answer.why


def test_sensors_that_sample_are_named(subject: Make) -> None:
    sites = SITES.replace(b"site: th, sees", b"site: th, sampling: 1000, sees")
    answer = QuietGate().judge(subject(inventory=parse_inventory({"sites.yaml": sites})))
    assert answer.evidence == ("th-edge sees one packet in 1,000: short connections may not show",)


def test_nothing_recorded_is_another_answer_than_nothing_found(subject: Make) -> None:
    assert QuietGate().judge(subject(coverage=None)).verdict == "unknown"
    assert QuietGate().judge(subject(findings=None)).verdict == "unknown"
    assert QuietGate().judge(subject({"th-edge": (), "jp-edge": ()})).verdict == "unknown"
    assert QuietGate().judge(subject(now=SINCE)).verdict == "closed"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.integers(0, 23), min_size=2, max_size=24), st.sampled_from(["th-edge", "jp-edge"]))
def test_missing_data_never_opens_it(subject: Make, missing: set[int], sensor: str) -> None:
    """Of three days that are asked for, one that lacks two hours at either end is not quiet."""
    rows = tuple(
        hours(
            at,
            at + timedelta(hours=1),
            state="no_data" if at >= MARCH_3 and n - 42 in missing else "seen",
        )
        for n in range(91)
        for at in (SINCE + timedelta(hours=n) - timedelta(hours=0),)
        if n < 42 or n >= 66 or (n - 42) not in missing
    )
    whole = subject()
    assert whole.coverage is not None
    covered = Coverage({**whole.coverage.hours, sensor: rows}, hour_of(SINCE), hour_of(NOW))
    assert QuietGate().judge(subject(coverage=covered)).verdict != "open"


def test_more_days_may_be_asked_for_than_are_looked_at_as_a_rule(subject: Make) -> None:
    cut = NOW - timedelta(days=500)
    rows = (hours(cut, NOW),)
    asked = Demands(days=450)
    answer = QuietGate().judge(subject({"jp-edge": rows, "th-edge": rows}, since=cut, demands=asked))
    assert (answer.verdict, answer.why) == ("open", "499 of 450 days were quiet")
