from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sekisho.audit.automation import words

DAY = datetime(2020, 6, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0 s"),
        (45, "45 s"),
        (300, "5 min"),
        (299.6, "5 min"),
        (719, "11 min 59 s"),
        (5_400, "1 h 30 min"),
        (86_400, "1 d"),
        (183_600, "2 d 3 h"),
    ],
)
def test_spans_have_two_units_at_most(seconds: float, text: str) -> None:
    assert words.span(seconds) == text


def test_each_figure_explains_itself() -> None:
    assert words.beacon_text(412, 300, (0.96, 0.91, 1, 0.88), 0.938, 0.6, "on 2020-06-03 UTC") == (
        "beacon score 0.94 (high) on 2020-06-03 UTC: 412 contacts, every 5 min (median), gaps alike 0.96,"
        " sizes alike 0.91, without a break 1.00, evenly spread 0.88"
    )
    assert words.long_text(33_120, 28_800, DAY) == (
        "open for 9 h 12 min in all on 2020-06-03 UTC; the longest session lasted 8 h"
    )
    assert words.strobe_text(90_000, DAY) == (
        "90,000 contacts on 2020-06-03 UTC: one a second and more"
    )
    assert words.prevalence_text(1, 1_204, "192.0.2.9") == (
        "1 of the company's 1,204 hosts that were seen talks with 192.0.2.9 (0.1%)"
    )
    assert words.prevalence_text(300, 1_000, "192.0.2.9").endswith("talk with 192.0.2.9 (30%)")


def test_first_seen_says_whether_anybody_looked() -> None:
    assert "never seen together before 2020-06-03 04:05 UTC" in words.first_seen_text(DAY, "observed")
    assert "on or before 2020-06-03 04:05 UTC" in words.first_seen_text(DAY, "on_or_before")
