from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

from tests.contain.backends.packets import plan

from sekisho.contain.flattening import family_spans, flat
from sekisho.contain.orders import Order
from sekisho.contain.regions import LAST, Region, everything
from sekisho.model.restrictions import Restriction

ESSENTIAL = Restriction(("link:th <-> jp",), keep_tier="essential")
FILES = Restriction(("site:th",), allow=("FILES", "EDI"))


def order(*restrictions: Restriction) -> Order:
    return plan("nftables", list(restrictions))[1]


def test_one_restriction_is_itself() -> None:
    found = flat(order(ESSENTIAL))
    assert {one.name for one in found.openings} == {"EDI", "DNS"}
    assert {(one.plan, one.what) for one in found.closings} == {("P-1", "link:th <-> jp")}
    assert len(found.closings) == 2


def test_what_one_keeps_and_another_cuts_is_cut() -> None:
    found = flat(order(FILES, ESSENTIAL))
    assert [one.name for one in found.openings] == ["EDI"]


def test_what_another_does_not_concern_stays_open() -> None:
    found = flat(order(Restriction(("link:th <-> us",)), ESSENTIAL))
    assert {one.name for one in found.openings} == {"EDI", "DNS"}


def test_a_part_that_another_cuts_is_taken_out() -> None:
    found = flat(
        order(Restriction(("group:th/scada",)), replace(ESSENTIAL, keep_tier=None, allow=("FILES",)))
    )
    scada = ("", ip_address("10.40.9.7"))
    other = ("", ip_address("10.40.8.7"))
    assert found.openings
    assert not any(one.sources.holds(*scada) for one in found.openings)
    assert any(one.sources.holds(*other) for one in found.openings)


def test_a_wider_opening_and_closing_stand_for_those_inside() -> None:
    both = flat(order(Restriction(("site:th", "link:th <-> jp"), allow=("ANYTHING", "DNS"))))
    assert len(both.closings) == 2
    assert len({(str(one.sources), str(one.destinations)) for one in both.closings}) == 2


def test_every_address_of_ipv6_is_one_prefix() -> None:
    assert family_spans(everything(("",)), "", 6) == ((0, LAST),)
    assert family_spans(everything(("",)), "", 4) == ((0, (1 << 32) - 1),)
    some = Region({"": ((1 << 120, 1 << 121),)})
    assert family_spans(some, "", 6) == ((1 << 120, 1 << 121),)
