from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.audit.base import Party, Subject
from sekisho.audit.severity import band, grade
from sekisho.model.verdicts import SEVERITIES, worse_or_equal


def subject(**changes: Any) -> Subject:
    values: dict[str, Any] = {
        "verdict": "unauthorized",
        "src": Party("a", "jp", "JP"),
        "dst": Party("b", "jp2", "JP"),
        "service": "tcp/9999",
        "role": "other",
        "flows": 5,
        "established": 5,
        "days_active": 2,
        "bytes_out": 100_000,
        "bytes_in": 100_000,
        "onset": "on_or_before",
        "began": datetime(2024, 3, 1, tzinfo=UTC),
    }
    return Subject(**(values | changes))


@pytest.mark.parametrize(
    ("points", "severity"),
    [
        (80, "critical"),
        (79, "high"),
        (60, "high"),
        (59, "medium"),
        (40, "medium"),
        (20, "low"),
        (19, "info"),
    ],
)
def test_bands(points: int, severity: str) -> None:
    assert band(points) == severity


def test_a_new_remote_control_session_across_a_border_is_critical() -> None:
    severity, checks = grade(
        subject(dst=Party("b", "th", "TH"), service="rdp", role="administration", onset="observed")
    )
    assert severity == "critical"
    assert [c.id for c in checks] == ["verdict", "role", "countries", "novelty"]
    assert checks[1].text == "rdp runs commands on the other end (+20)"


def test_what_was_never_answered_stays_low_whatever_it_aimed_at() -> None:
    aimed = subject(
        verdict="attempted",
        established=0,
        role="administration",
        service="rdp",
        dst=Party("b", "th", "TH", criticality="critical"),
    )
    severity, checks = grade(aimed)
    assert severity == "low"
    assert checks[-1].text == "high by points; never answered, so low"


def test_an_unanswered_probe_of_nothing_in_particular_is_info() -> None:
    assert grade(subject(verdict="attempted", established=0, flows=1))[0] == "info"


def test_a_lapsed_rule_weighs_less_than_none() -> None:
    assert grade(subject(verdict="lapsed"))[0] == "low"
    assert grade(subject(verdict="unauthorized"))[0] == "medium"


parties = st.builds(
    Party,
    name=st.just("x"),
    site=st.sampled_from([None, "jp", "th"]),
    country=st.sampled_from([None, "JP", "TH"]),
    outside=st.booleans(),
    criticality=st.sampled_from(["critical", "high", "normal", "low"]),
)
subjects = st.builds(
    subject,
    verdict=st.sampled_from(["unauthorized", "lapsed", "attempted", "unmapped"]),
    src=parties,
    dst=parties,
    role=st.sampled_from(
        ["administration", "file", "directory", "infrastructure", "database", "web", "other"]
    ),
    flows=st.integers(1, 3),
    established=st.integers(0, 3),
    bytes_out=st.sampled_from([0, 5_000, 200 << 20, 2 << 30]),
    bytes_in=st.sampled_from([0, 5_000, 200 << 20, 2 << 30]),
    onset=st.sampled_from(["observed", "on_or_before"]),
)


@given(subjects)
@settings(max_examples=150, deadline=None)
def test_the_points_of_the_reasons_add_up_to_the_severity(found: Subject) -> None:
    severity, checks = grade(found)
    points = sum(int(c.text.rsplit("(", 1)[1].rstrip(")")) for c in checks if c.id != "unanswered")
    if found.established:
        assert severity == band(points)
    else:
        assert severity == band(points) or (severity == "low" and checks[-1].id == "unanswered")
        assert worse_or_equal("low", severity)
    assert len({c.id for c in checks}) == len(checks)


@given(subjects)
@settings(max_examples=100, deadline=None)
def test_more_volume_never_makes_it_milder(found: Subject) -> None:
    more = subject(**{name: getattr(found, name) for name in found.__slots__} | {"bytes_out": 3 << 30})
    assert SEVERITIES.index(grade(more)[0]) <= SEVERITIES.index(grade(found)[0])
