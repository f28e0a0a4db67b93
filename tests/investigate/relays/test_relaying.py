from __future__ import annotations

from collections.abc import Callable

from sekisho.investigate.fabric import Fabric
from sekisho.investigate.factors.base import Step
from sekisho.investigate.relays.base import Held, Leg, Stitch, span_of
from sekisho.investigate.relays.relaying import Relaying
from sekisho.investigate.talks import Talk
from sekisho.model.sites import Relay
from sekisho.model.validity import ALWAYS
from sekisho.model.verdicts import Rank

JUMP = Relay("jump", "jump", ())
TALK = Talk(0, 1, 1, 1, "s")


def stitch(share: float, *legs: int) -> Stitch:
    return Stitch(JUMP, 0, 1, share, "why", tuple(Leg(9, row, TALK, 0.0, "why") for row in legs))


MADE = Relaying({10: stitch(0.95, 0), 11: stitch(0.4, 2), 12: stitch(0.0)}, frozenset({0, 1}))


def test_what_stands_for_a_relayed_seed_is_sure_or_hidden() -> None:
    assert MADE.instead([1]) == {10, 12}
    assert MADE.instead([0]) == {10}
    assert MADE.instead([5]) == {5}
    assert MADE.instead([11]) == set(), "a guess is no seed"
    assert MADE.guesses(1) == {11}


def test_use_guesses_and_acts_have_weights_of_their_own(woven: Callable[..., Fabric]) -> None:
    fabric = woven(
        [
            ("10.2.0.1", "10.1.0.8", 22, Rank.AUTHORIZED, 1, 1),
            ("10.1.0.8", "10.3.0.1", 22, Rank.AUTHORIZED, 1, 1),
        ]
    )
    host = int(fabric.dst[0])
    made = Relaying(hosts={host: Held(JUMP, {host: (span_of(ALWAYS),)})}, stitches={7: stitch(0.1, 0)})

    def ids(row: int) -> list[str]:
        return [weight.id for weight in made.weights(fabric, Step(row, "connect", 0, 0), 5)]

    assert [ids(0), ids(1), ids(7)] == [["use"], ["acts"], ["client"]]
    (guess,) = made.weights(fabric, Step(7, "connect", 0, 0), 5)
    assert guess.value == -1.0
