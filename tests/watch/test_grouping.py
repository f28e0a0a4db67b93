from __future__ import annotations

from collections.abc import Callable

from sekisho.model.findings import End, NearestRule
from sekisho.watch.alerts import Member
from sekisho.watch.grouping import group_of, grouped

Make = Callable[..., Member]


def test_one_missing_rule_is_one_group_and_another_service_another(make_member: Make) -> None:
    same = {group_of(make_member(dst=f"10.1.0.{n}")) for n in range(5)}
    assert len(same) == 1
    assert group_of(make_member(port=22)) not in same


def test_what_lapsed_is_grouped_by_its_rule_and_what_is_unmapped_by_its_network(
    make_member: Make,
) -> None:
    rule = NearestRule(id="R-1", why_not="expired")
    lapsed = group_of(make_member(verdict="lapsed", nearest_rule=rule))
    assert (lapsed.cause, lapsed.key) == ("lapsed_rule", "lapsed|R-1")
    for address in ("192.168.7.1", "192.168.7.250"):
        stranger = make_member(verdict="unmapped", src=End(address=address))
        assert group_of(stranger).key == "network||192.168.7.0/24"


def test_from_ten_attempts_on_a_source_scans_whatever_it_tried_before(make_member: Make) -> None:
    tries = [make_member(dst=f"10.1.0.{n}", established=0, verdict="attempted") for n in range(9)]
    through = make_member(dst="10.1.0.99")
    assert {g.cause for g in grouped([*tries, through], {}).values()} == {"missing_rule"}
    found = grouped([*tries, through], {("", "10.40.9.9"): 1})
    assert {found[one.finding].kind for one in tries} == {"scanner"}
    assert found[through.finding].kind == "connection"
