from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from sekisho.contain.proposal import Proposal

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
