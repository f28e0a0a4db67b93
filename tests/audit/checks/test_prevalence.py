from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.audit.base import Subject
from sekisho.audit.checks.prevalence import PrevalenceCheck
from sekisho.model.findings import Automation

Make = Callable[..., Subject]


@pytest.mark.parametrize(
    ("rare", "common", "points"), [(True, False, 10), (False, True, None), (False, False, None)]
)
def test_a_rare_peer_alone_moves_it(
    subject: Make, automation: Callable[..., Automation], rare: bool, common: bool, points: int | None
) -> None:
    factor = PrevalenceCheck().weigh(
        subject(automation=automation(beacon=0.6, rare=rare, common=common))
    )
    assert (factor.points if factor else None) == points


def test_it_says_nothing_by_itself(subject: Make, automation: Callable[..., Automation]) -> None:
    assert PrevalenceCheck().weigh(subject(automation=automation(rare=True))) is None
    assert PrevalenceCheck().weigh(subject()) is None
