from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.audit.base import Subject
from sekisho.audit.checks.long import LongCheck
from sekisho.model.findings import Automation

Make = Callable[..., Subject]


@pytest.mark.parametrize(
    ("band", "points"), [(0.0, None), (0.2, None), (0.4, None), (0.6, 10), (0.8, 15)]
)
def test_points_from_eight_hours_a_day(
    subject: Make, automation: Callable[..., Automation], band: float, points: int | None
) -> None:
    factor = LongCheck().weigh(subject(automation=automation(long=band)))
    assert (factor.points if factor else None) == points
    if factor:
        assert factor.text == "open for hours"


def test_nothing_where_nobody_looked(subject: Make, automation: Callable[..., Automation]) -> None:
    assert LongCheck().weigh(subject()) is None
    assert LongCheck().weigh(subject(automation=automation())) is None
