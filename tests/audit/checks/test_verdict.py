from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.audit.base import Subject
from sekisho.audit.checks.verdict import VerdictCheck

Make = Callable[..., Subject]


def points(found: Subject) -> int | None:
    factor = VerdictCheck().weigh(found)
    return factor.points if factor else None


@pytest.mark.parametrize(
    ("verdict", "established", "expected"),
    [
        ("unauthorized", 1, 40),
        ("lapsed", 1, 25),
        ("unmapped", 1, 40),
        ("attempted", 0, 10),
        ("unmapped", 0, 10),
    ],
)
def test_where_severity_starts(subject: Make, verdict: str, established: int, expected: int) -> None:
    assert points(subject(verdict=verdict, established=established)) == expected


def test_a_lapsed_rule_is_named(subject: Make) -> None:
    factor = VerdictCheck().weigh(subject(verdict="lapsed", nearest="TH-EDI"))
    assert factor is not None
    assert factor.text.endswith("(TH-EDI)")
