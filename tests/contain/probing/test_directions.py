from __future__ import annotations

import pytest
from tests.contain.conftest import NOW, ground_of

from sekisho.contain.force import Enforced, Force
from sekisho.contain.probing.directions import directions, outside
from sekisho.model.restrictions import Restriction


def ways(*sever: str, direction: str = "both") -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    restriction = Restriction(sever, direction=direction)  # type: ignore[arg-type]
    force = Force([Enforced("P-1", restriction, {"th-gw": NOW})], ground_of())
    (hold,) = force.holds
    return directions(hold.severed, force.atlas), outside(hold.severed, force.atlas)


def test_a_link_has_two_directions_and_one_where_only_one_is_cut() -> None:
    assert ways("link:th <-> jp")[0] == (("jp", "th"), ("th", "jp"))
    assert ways("link:th <-> jp", direction="out")[0] == (("th", "jp"),)
    assert ways("link:th <-> jp", direction="in")[0] == (("jp", "th"),)


def test_all_is_every_pair_once() -> None:
    found, beyond = ways("all", "site:th")
    assert len(found) == len(set(found)) == 6
    assert beyond == ()


@pytest.mark.parametrize("sever", ["host:10.40.2.10", "group:th/scada"])
def test_a_host_is_cut_from_everywhere_and_nobody_of_ours_is_outside(sever: str) -> None:
    found, beyond = ways(sever)
    assert ("th", "internet") in found
    assert ("th", "th") not in found
    assert {begin for begin, _ in found} == {"th", "jp", "us"}
    assert set(beyond) == {"internet", "zone:vendor"}
