from __future__ import annotations

from collections.abc import Callable

from sekisho.audit.base import Subject
from sekisho.audit.checks.strobe import StrobeCheck
from sekisho.model.findings import Automation


def test_ten_points_for_a_day_of_them(
    subject: Callable[..., Subject], automation: Callable[..., Automation]
) -> None:
    factor = StrobeCheck().weigh(subject(automation=automation(strobe=90_000)))
    assert factor is not None
    assert (factor.points, factor.text) == (10, "a strobe")
    assert StrobeCheck().weigh(subject(automation=automation())) is None
    assert StrobeCheck().weigh(subject()) is None
