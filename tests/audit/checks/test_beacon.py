from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.audit.base import Subject
from sekisho.audit.checks.beacon import BeaconCheck
from sekisho.model.findings import Automation

Make = Callable[..., Subject]


@pytest.mark.parametrize(("band", "points"), [(0.0, 5), (0.2, 5), (0.4, 10), (0.6, 15), (0.8, 20)])
def test_points_by_band_where_the_beat_is_regular(
    subject: Make, automation: Callable[..., Automation], band: float, points: int
) -> None:
    factor = BeaconCheck().weigh(subject(automation=automation(beacon=band)))
    assert factor is not None
    assert (factor.points, factor.text) == (points, "a beat")


def test_what_is_not_regular_moves_nothing(
    subject: Make, automation: Callable[..., Automation]
) -> None:
    assert BeaconCheck().weigh(subject(automation=automation(beacon=0.6, regular=False))) is None
    assert BeaconCheck().weigh(subject(automation=automation())) is None
    assert BeaconCheck().weigh(subject()) is None
