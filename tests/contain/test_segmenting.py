from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest
from tests.contain.backends import cisco_text, iptables_text
from tests.contain.backends.packets import Packet, opens, packets, without_state
from tests.contain.backends.test_nftables import loads
from tests.contain.conftest import ground_of

from sekisho.contain.points import Gateway
from sekisho.contain.proposal import Ground
from sekisho.contain.segmenting import segment
from sekisho.errors import RequestError


def gateway(ground: Ground, platform: str, name: str = "th-gw") -> Gateway:
    return replace(ground.points.gateways[name], platform=platform)


@pytest.mark.parametrize("seed", range(4))
def test_the_register_and_the_text_are_of_one_mind(ground: Ground, seed: int) -> None:
    order, stateful = segment(gateway(ground, "iptables"), ground)
    _, stateless = segment(gateway(ground, "cisco-ios"), ground)
    asks = iptables_text.reads(stateful.text.replace("sekisho-policy", "sekisho"))
    asks_each = cisco_text.reads(stateless.text)
    seen = set()
    for packet in packets(seed):
        assert asks(packet) == opens(order, packet)
        assert asks_each(packet) == without_state(order, packet)
        seen.add(opens(order, packet))
    assert seen == {True, False}


def test_rules_between_sites_and_nothing_else(ground: Ground) -> None:
    order, rendered = segment(gateway(ground, "iptables"), ground)
    passes = iptables_text.reads(rendered.text.replace("sekisho-policy", "sekisho"))

    def begins(src: str, dst: str, port: int) -> Packet:
        return Packet(ip_address(src), ip_address(dst), 6, 40000, port, begins=True)

    assert passes(begins("10.40.2.10", "10.1.20.1", 8443)), "EDI"
    assert not passes(begins("10.40.2.11", "10.1.20.1", 8443))
    assert not passes(begins("10.40.2.10", "10.1.20.1", 22)), "OVER has expired"
    assert passes(begins("10.40.2.10", "203.0.113.1", 443)), "no other site"
    assert passes(begins("10.40.2.10", "10.40.9.1", 443)), "within a site"
    assert order.name == "sekisho-policy"


def test_the_kernel_takes_it(ground: Ground) -> None:
    loads(segment(gateway(ground, "nftables"), ground)[1].text)


def test_a_gateway_between_no_sites() -> None:
    ground = ground_of(
        b'gateways: {x: {platform: nftables, address: 10.40.0.1, links: ["th <-> internet"]},'
        b' old: {platform: nftables, address: 10.40.0.1, links: ["th <-> *"], until: 2020-01-01}}'
    )
    with pytest.raises(RequestError, match="stands between no two sites"):
        segment(gateway(ground, "nftables", "x"), ground)
    with pytest.raises(RequestError, match="does not stand now"):
        segment(gateway(ground, "nftables", "old"), ground)


def test_it_takes_no_place_of_restrictions(ground: Ground) -> None:
    ground = without_icmp(ground)
    numbers = {
        platform: segment(gateway(ground, platform), ground)[1].text
        for platform in ("fortigate", "cisco-asa")
    }
    assert "edit 950001\n" in numbers["fortigate"]
    assert "edit 900001\n" not in numbers["fortigate"]
    assert "access-list sekisho-policy " in numbers["cisco-asa"]
    rules = segment(gateway(ground, "azure-nsg"), ground)[1]
    assert '"priority": 2100' in rules.text
    assert '"priority": 100,' not in rules.text
    assert "sekisho_policy_resource_group" in rules.text


def without_icmp(ground: Ground) -> Ground:
    """The ground without what these platforms cannot keep open."""
    rules = tuple(rule for rule in ground.policy.rules if rule.id != "PING")
    return replace(ground, policy=replace(ground.policy, rules=rules))
