from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.contain.conftest import GATEWAYS, ground_of

from sekisho.contain.proposal import Ground, Proposal, plain, propose, tell
from sekisho.errors import RequestError
from sekisho.model.restrictions import Restriction, Staging

Planned = Callable[..., Proposal]


def test_the_hash_is_over_everything_that_it_does(ground: Ground) -> None:
    one = Restriction(("link:th <-> jp",))
    first = propose("P-1", one, ground).hash
    assert propose("P-1", one, ground).hash == first
    others = [
        propose("P-1", replace(one, direction="out"), ground),
        propose("P-1", replace(one, reason="because"), ground),
        propose("P-1", one, replace(ground, in_force={"P-0": Restriction(("site:us",))})),
        propose("P-1", one, replace(ground, policy=replace(ground.policy, sha256="0"))),
        propose("P-1", one, replace(ground, inventory=replace(ground.inventory, sha256="0"))),
        propose("P-1", one, ground_of(GATEWAYS + b"# changed\n")),
    ]
    assert len({first, *(other.hash for other in others)}) == 7


def test_restrictions_in_force_stand_beside_it(ground: Ground) -> None:
    on = replace(ground, in_force={"P-1": Restriction(("site:th",))})
    told = propose("P-2", Restriction(("link:th <-> jp",)), on).told
    assert [held.plan for held in told[0].order.held] == ["P-1", "P-2"]
    assert told[0].rendered is not None
    assert "jump p1" in told[0].rendered.text
    assert "jump p2" in told[0].rendered.text


def test_what_is_left_when_one_is_lifted(ground: Ground) -> None:
    on = replace(ground, in_force={"P-1": Restriction(("site:th",))})
    (left,) = tell(["jp-gw"], on)
    assert [held.plan for held in left.order.held] == ["P-1"]
    (empty,) = tell(["jp-gw"], ground)
    assert empty.rendered is not None
    assert "drop" not in empty.rendered.text


def test_nothing_to_cut_is_an_error(planned: Planned) -> None:
    with pytest.raises(RequestError, match="has no addresses"):
        planned("group:us/old")


def test_a_restriction_as_json() -> None:
    body = plain(Restriction(("all",), existing_at={"th/scada": "drain"}))
    assert body["sever"] == ["all"]
    assert body["existing_at"] == {"th/scada": "drain"}
    assert set(body) == set(Restriction.__dataclass_fields__) - {"staging"}
    staged = plain(Restriction(("all",), staging=Staging((("th",), ("jp", "us")), 60)))["staging"]
    assert staged == {
        "stages": [["th"], ["jp", "us"]],
        "soak": 60,
        "patience": 1800,
        "escaped": 0,
        "broken": 0,
    }


def test_a_gateway_without_its_management_is_warned_of(planned: Planned) -> None:
    assert any("does not say from where th-gw" in w for w in planned("link:th <-> us").warnings)
