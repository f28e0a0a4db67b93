from __future__ import annotations

from sekisho.fleet.campaigns.ramp import place, stage_of
from sekisho.model.campaigns import RAMP

NODES = [f"node-{n}" for n in range(5000)]


def test_stages_have_about_their_shares_and_hold_the_same_terminals() -> None:
    stages = [stage_of(7, node, RAMP) for node in NODES]
    assert stages == [stage_of(7, node, RAMP) for node in NODES]
    assert 25 <= stages.count(0) <= 80
    assert 380 <= stages.count(1) <= 520
    assert set(stages) == {0, 1, 2}


def test_another_campaign_begins_with_others() -> None:
    first = {node for node in NODES if stage_of(7, node, RAMP) == 0}
    second = {node for node in NODES if stage_of(8, node, RAMP) == 0}
    assert first != second


def test_who_comes_first_is_reached_at_once() -> None:
    last = next(node for node in NODES if stage_of(7, node, RAMP) == 2)
    assert stage_of(7, last, RAMP, ["pc1", "10.1.1.1"], {"10.1.1.1"}) == 0
    assert stage_of(7, last, RAMP, ["pc1", "10.1.1.1"], {"10.1.1.2"}) == 2


def test_odd_names_and_short_ramps_have_a_place() -> None:
    assert 0 <= place(1, "\ud800\0") < 1
    assert stage_of(1, "x", (0.0000001,)) == 0
