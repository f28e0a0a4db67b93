from __future__ import annotations

from sekisho.fleet.service.campaigning import Campaigning
from sekisho.fleet.service.dispatch import Dispatcher, Handing, Verdict


def test_nothing_is_asked_and_nothing_taken_unless_somebody_says_so() -> None:
    assert Handing() == Handing({}, 0)
    assert Verdict() == Verdict({}, frozenset(), {})


def test_campaigns_are_a_dispatcher() -> None:
    kind: type[Dispatcher] = Campaigning
    assert kind.hand
    assert kind.take
