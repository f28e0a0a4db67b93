from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.audit.base import Party, Subject
from sekisho.audit.checks.criticality import CriticalityCheck
from sekisho.model.sites import Criticality

Make = Callable[..., Subject]


def points(found: Subject) -> int | None:
    factor = CriticalityCheck().weigh(found)
    return factor.points if factor else None


@pytest.mark.parametrize(
    ("src", "dst", "expected"),
    [
        ("normal", "critical", 20),
        ("critical", "high", 20),
        ("low", "high", 10),
        ("normal", "normal", None),
        ("low", "normal", None),
        ("low", "low", -5),
    ],
)
def test_the_higher_of_both_ends_counts(
    subject: Make, src: Criticality, dst: Criticality, expected: int | None
) -> None:
    found = subject(src=Party("a", "jp", criticality=src), dst=Party("b", "th", criticality=dst))
    assert points(found) == expected


def test_it_names_the_asset(subject: Make) -> None:
    factor = CriticalityCheck().weigh(subject(dst=Party("erp01", "th", criticality="critical")))
    assert factor is not None
    assert factor.text == "erp01 is an asset of critical criticality"
