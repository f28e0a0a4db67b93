from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address

from tests.contain.conftest import NOW

from sekisho.contain.force import Enforced, Force
from sekisho.contain.proposal import Ground
from sekisho.model.restrictions import Restriction

HOUR = timedelta(hours=1)


def test_what_any_of_them_cuts_is_cut_where_it_was_told(ground: Ground) -> None:
    force = Force(
        [
            Enforced("P-1", Restriction(("link:th <-> jp",)), {"jp-gw": NOW, "th-gw": NOW - HOUR}),
            Enforced("P-2", Restriction(("site:us",)), {"jp-gw": NOW}),
        ],
        ground,
    )
    th, jp, us = (
        force.atlas.class_of("", ip_address(a)) for a in ("10.40.1.1", "10.1.1.1", "10.60.0.1")
    )
    assert [(one.plan, names) for one, names in force.enforcing(th, jp, 6, 445)] == [
        ("P-1", ("th-gw", "jp-gw"))
    ]
    assert [(one.plan, names) for one, names in force.enforcing(us, jp, 6, 445)] == [
        ("P-2", ("jp-gw",))
    ]
    assert force.cut(us, th, 6, 445), "P-2 cuts it"
    assert list(force.enforcing(us, th, 6, 445)) == [], "th-gw was never told of P-2"
    assert not force.cut(th, th, 6, 445)
    assert force.moments == (NOW - HOUR, NOW)
    assert force.unknown == {}


def test_a_plan_that_names_what_is_gone_leaves_the_others(ground: Ground) -> None:
    force = Force(
        [
            Enforced("P-1", Restriction(("site:th",), allow=("OVER",)), {"th-gw": NOW}),
            Enforced("P-2", Restriction(("group:us/old",)), {"th-gw": NOW}),
            Enforced("P-3", Restriction(("site:us",)), {"th-gw": NOW}),
        ],
        ground,
    )
    assert [one.plan for one in force.holds] == ["P-3"]
    assert list(force.unknown) == ["P-1", "P-2"]
    assert "OVER permits nothing now" in force.unknown["P-1"]
    assert "no addresses now" in force.unknown["P-2"]
