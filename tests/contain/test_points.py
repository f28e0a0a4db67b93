from __future__ import annotations

from ipaddress import ip_address

import pytest
from tests.contain.conftest import SITES

from sekisho.contain.points import Points, parse_points
from sekisho.errors import FileProblems
from sekisho.inventory.files import parse_inventory
from sekisho.model.rules import Selector

INVENTORY = parse_inventory({"sites.yaml": SITES})


def read(text: str) -> Points:
    return parse_points(text.encode(), INVENTORY, {})


def test_a_gateway_as_written() -> None:
    points = read(
        """
gateways:
  th-gw:
    platform: nftables
    address: 10.40.0.1
    links: [th <-> *, "th/edi <-> internet"]
    management: jp/edi -> 10.40.0.1 : tcp/22
    logs: ["10.40.0.1 -> jp/edi : udp/514"]
    host_keys: ssh-ed25519 AAAA
    from: 2026-01-01
never_cut: {time: "*  -> jp/edi : udp/123"}
lifelines: {fleet: "* -> jp/edi : tcp/8444"}
"""
    )
    gateway = points.gateways["th-gw"]
    assert (gateway.deliver, gateway.port, gateway.user) == ("ssh", 22, "root")
    assert gateway.address == ip_address("10.40.0.1")
    assert gateway.links[0] == ((Selector("site", "th"),), (Selector("any"),))
    assert gateway.links[1] == ((Selector("group", "th/edi"),), (Selector("internet"),))
    assert gateway.management[0].text == "jp/edi -> 10.40.0.1 : tcp/22"
    assert gateway.logs[0].services[0].low == 514
    assert gateway.host_keys == ("ssh-ed25519 AAAA",)
    assert points.never_cut["time"].text == "* -> jp/edi : udp/123"
    assert set(points.lifelines) == {"fleet"}
    assert Selector("group", "jp/edi") in set(points.selectors)


def test_nothing_is_no_gateways() -> None:
    assert read("").gateways == {}
    assert read("gateways:\n").gateways == {}


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        (
            "gateways:\n  g: {platform: nftable, address: 10.40.0.1, links: []}",
            "2:17",
            "gateway/platform",
        ),
        ("gateways:\n  g: {platform: nftables, links: []}", "2:6", "file/missing-key"),
        (
            "gateways:\n  g: {platform: nftables, address: 10.40.0.1, links: [th]}",
            "2:55",
            "gateway/link",
        ),
        (
            "gateways:\n  g: {platform: nftables, address: 10.40.0.1, links: ['th <-> tj']}",
            "2:55",
            "gateway/link",
        ),
        (
            "gateways:\n  g: {platform: nftables, address: 10.40.0.1, links: [], deliver: napalm}",
            "2:6",
            "gateway/deliver",
        ),
        (
            (
                "gateways:\n  g:\n    platform: nftables\n    address: 10.40.0.1\n    links: []\n"
                "    management: jp/edi -> 10.41.0.1 : tcp/22"
            ),
            "6:27",
            "rule/refers-to-nothing",
        ),
        ("never_cut: {dns: th -> jp}", "1:18", "rule/no-service"),
        ("- x", "1:1", "file/type"),
    ],
)
def test_every_error_has_its_place(text: str, place: str, code: str) -> None:
    with pytest.raises(FileProblems) as caught:
        read(text)
    problem = caught.value.problems[0]
    assert problem.code == code
    assert f"{problem.line}:{problem.column}".split(":")[0] == place.split(":")[0]
    assert problem.mend
