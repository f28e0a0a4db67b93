from __future__ import annotations

from sekisho.model.campaigns import NONE, RAMP, Tally


def test_tallies_add_up() -> None:
    one = Tally(5, 4, 3, 2, 1)
    assert one + one == Tally(10, 8, 6, 4, 2)
    assert sum([one, one], NONE) == one + one


def test_a_ramp_ends_with_everybody() -> None:
    assert list(RAMP) == sorted(RAMP)
    assert RAMP[-1] == 1
