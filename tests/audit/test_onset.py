from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.audit.coverage import Coverage, measure
from sekisho.audit.onset import onset
from sekisho.model.sites import Sensor

START = datetime(2024, 3, 1, tzinfo=UTC)
NOW = START + timedelta(days=400)
AB = frozenset("ab")


def at(hour: float) -> datetime:
    return START + timedelta(hours=hour)


@pytest.fixture
def coverage(make_hours: Callable[..., Any], make_spans: Callable[..., Any]) -> Coverage:
    sensors = {name: Sensor(name, "jp") for name in "abc"}
    hours = {
        "a": [*range(100), *range(200, 400)],
        "b": [*range(90, 150), *range(210, 400)],
        "c": list(range(400)),
    }
    return measure(sensors, make_hours(hours), make_spans({}), now=NOW)


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        (0.5, "on_or_before"),  # the very start
        (24, "on_or_before"),  # 24 h later, to the second
        (24.001, "observed"),
        (110, "observed"),  # a is gone, b was there all along
        (200, "on_or_before"),  # both were gone before
        (224, "on_or_before"),
        (224.1, "observed"),
    ],
)
def test_the_kind_rests_on_all_that_could_have_seen_it(
    coverage: Coverage, first: float, kind: str
) -> None:
    assert onset(at(first), None, AB, coverage).kind == kind


def test_a_sensor_that_could_not_have_seen_it_proves_nothing(coverage: Coverage) -> None:
    assert onset(at(205), None, AB, coverage).kind == "on_or_before"
    assert onset(at(205), None, frozenset("abc"), coverage).kind == "observed"


def test_it_says_why(coverage: Coverage) -> None:
    assert "when coverage starts" in (onset(at(1), None, AB, coverage).why or "")
    assert "when a gap in all of their coverage ends" in (onset(at(201), None, AB, coverage).why or "")
    assert "had coverage since 2024-03-01 00:00 UTC" in (onset(at(50), None, AB, coverage).why or "")


def test_it_began_with_the_first_established_flow_but_evidence_with_the_first(
    coverage: Coverage,
) -> None:
    found = onset(at(5), at(70), AB, coverage)
    assert (found.at, found.kind) == (at(70), "on_or_before")


def test_what_was_there_before_the_window_was_not_seen_to_begin(coverage: Coverage) -> None:
    found = onset(at(300), None, AB, coverage, before=at(50))
    assert found.kind == "on_or_before"
    assert "already seen at 2024-03-03 02:00 UTC" in (found.why or "")


def test_without_any_coverage_nothing_was_observed(coverage: Coverage) -> None:
    assert onset(at(300), None, frozenset("x"), coverage).kind == "on_or_before"


@given(st.sets(st.integers(0, 150), min_size=1), st.sets(st.integers(0, 150)), st.data())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_against_the_rule_read_hour_by_hour(
    make_hours: Callable[..., Any],
    make_spans: Callable[..., Any],
    a: set[int],
    b: set[int],
    data: st.DataObject,
) -> None:
    sensors = {name: Sensor(name, "jp") for name in "ab"}
    coverage = measure(sensors, make_hours({"a": sorted(a), "b": sorted(b)}), make_spans({}), now=NOW)
    first = data.draw(st.sampled_from(sorted(a | b)))
    blind = {
        hour
        for hour in range(-1, first)
        if all(coverage.state(name, at(hour)) == "no_data" for name in "ab")
    }
    expected = "on_or_before" if first - (max(blind) + 1) <= 24 else "observed"
    assert onset(at(first), None, AB, coverage).kind == expected
