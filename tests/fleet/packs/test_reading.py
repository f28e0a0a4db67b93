from __future__ import annotations

from sekisho.fleet.checks.registry import CHECKS
from sekisho.fleet.packs.reading import packs
from sekisho.simulate.registry import SCENARIOS


def test_each_scenario_with_an_intruder_has_one() -> None:
    assert {pack.scenario for pack in packs().values()} == set(SCENARIOS) - {"quiet"}


def test_each_check_of_a_pack_is_there_once_with_its_reason() -> None:
    for pack in packs().values():
        names = [step.check for step in pack.steps]
        assert len(names) == len(set(names)) >= 10
        assert set(names) <= set(CHECKS)
        assert all(step.why.endswith(".") for step in pack.steps)
        assert pack.why
        assert pack.title


def test_what_cannot_be_asked_is_left_out_and_the_order_stays() -> None:
    pack = packs()["insider-backdoor"]
    whole = pack.asked(CHECKS)
    assert whole == tuple(step.check for step in pack.steps)
    assert pack.asked({"startup", "services"}) == ("services", "startup")
