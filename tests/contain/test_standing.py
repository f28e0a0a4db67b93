from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address

from tests.contain.conftest import GATEWAYS, SITES

from sekisho.contain.points import parse_points
from sekisho.contain.proposal import Ground, Proposal, propose
from sekisho.inventory.files import parse_inventory
from sekisho.model.restrictions import Restriction

Planned = Callable[..., Proposal]


def where(proposal: Proposal) -> list[str]:
    return [one.gateway.name for one in proposal.told]


def missing(proposal: Proposal) -> set[tuple[str, str]]:
    return {(one.begin, one.end) for one in proposal.unenforceable}


def test_the_gateways_on_the_path(planned: Planned) -> None:
    assert where(planned("link:th <-> jp")) == ["th-gw", "jp-gw"]
    assert where(planned("link:th <-> us")) == ["th-gw"]
    assert where(planned("link:th <-> internet")) == ["th-gw"]
    assert where(planned("group:th/edi")) == ["th-gw", "jp-gw"]


def test_pairs_that_no_gateway_carries(planned: Planned) -> None:
    assert missing(planned("link:th <-> jp")) == set()
    assert missing(planned("all", gateways=b"")) == {("th", "jp"), ("th", "us"), ("jp", "us")}
    assert missing(planned("host:edi-th")) == {("th", "th"), ("th", "zone:vendor")}
    assert missing(planned("link:jp <-> internet")) == {("jp", "internet")}


def test_a_gateway_that_carries_a_part_is_named(planned: Planned) -> None:
    gateways = b"gateways: {g: {platform: nftables, address: 10.40.0.1, links: ['th/edi <-> jp']}}"
    found = planned("site:th", gateways=gateways).unenforceable
    assert {one.why for one in found if {one.begin, one.end} == {"th", "jp"}} == {
        "g carries only a part of th <-> jp"
    }


def test_a_gateway_is_told_what_can_pass_it(planned: Planned) -> None:
    proposal = planned("all")
    jp = next(one for one in proposal.told if one.gateway.name == "jp-gw")
    cuts = jp.order.held[0].cuts
    assert all(
        cut.near.holds("", ip_address("10.1.0.1")) or cut.far.holds("", ip_address("10.1.0.1"))
        for cut in cuts
    )


def test_a_gateway_that_is_gone_stands_nowhere(planned: Planned) -> None:
    gateways = (
        b"gateways: {g: {platform: nftables, address: 10.40.0.1, links: ['th <-> *'], until: 2020}}"
    )
    gateways = gateways.replace(b"2020", b"2020-01-01")
    proposal = planned("link:th <-> jp", gateways=gateways)
    assert where(proposal) == []
    assert missing(proposal) == {("th", "jp")}


def test_another_realms_gateway_is_told_nothing(planned: Planned) -> None:
    gateways = (
        b"gateways: {g: {platform: nftables, address: 10.40.0.1, links: ['th <-> *'], realm: lab}}"
    )
    assert where(planned("link:th <-> jp", gateways=gateways)) == []


def test_no_gateway_sees_the_addresses_of_two_spaces(ground: Ground) -> None:
    """A gateway that carries a site to all others tells the addresses of its own space apart alone."""
    sites = SITES.replace(b"groups:", b"  lab: {prefixes: [10.1.0.0/16], realm: lab}\ngroups:")
    inventory = parse_inventory(
        {"sites.yaml": sites.replace(b"zones:", b"realms: {lab: Bought}\nzones:")}
    )
    on = replace(ground, inventory=inventory, points=parse_points(GATEWAYS, inventory, {}))
    proposal = propose("P-1", Restriction(("link:th <-> lab",)), on)
    assert where(proposal) == []
    (pair,) = proposal.unenforceable
    assert (pair.begin, pair.end) == ("th", "lab")
    assert "their spaces differ" in pair.why
    assert ("th", "lab") in missing(propose("P-1", Restriction(("site:th",)), on))
    assert ("th", "jp") not in missing(propose("P-1", Restriction(("site:th",)), on))
