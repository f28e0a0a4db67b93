from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from sekisho.policy.language import Slip
from sekisho.policy.sheet_days import read_day


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2027-03-31", date(2027, 3, 31)),
        ("2027/3/31", date(2027, 3, 31)),
        ("31.3.2027", date(2027, 3, 31)),
        ("2020-06-11T08:12:41Z", datetime(2020, 6, 11, 8, 12, 41, tzinfo=UTC)),
        ("never", None),
        ("N/A", None),
        ("", None),
    ],
)
def test_days(text: str, found: date | None) -> None:
    assert read_day(text) == found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("03/04/2025", "time/ambiguous"),
        ("45352", "time/ambiguous"),
        ("31.2.2025", "time/none"),
        ("next week", "time/text"),
        ("=TODAY()", "time/text"),
    ],
)
def test_days_that_are_none(text: str, code: str) -> None:
    found = read_day(text)
    assert isinstance(found, Slip)
    assert (found.code, bool(found.mend)) == (code, True)
