from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
from tests.contain.backends.packets import Packet, opens, packets, plan

from sekisho.contain.backends.aws_nacl import AwsNacl
from sekisho.contain.proposal import Proposal
from sekisho.contain.regions import Region
from sekisho.model.restrictions import Restriction

TH = (ip_network("10.40.0.0/16"), ip_network("2001:db8:40::/48"))


def reads(entries: list[dict[str, Any]]) -> Callable[[Packet], bool]:
    """Whether the entries leave a packet between th and elsewhere to those behind them."""
    assert [one["RuleNumber"] for one in entries if one["Egress"]] == list(
        range(1, sum(one["Egress"] for one in entries) + 1)
    )

    def passes(packet: Packet) -> bool:
        out = any(packet.src in network for network in TH)
        beyond = packet.dst if out else packet.src
        return not any(
            one["Egress"] == out and beyond in ip_network(one.get("CidrBlock") or one["Ipv6CidrBlock"])
            for one in entries
        )

    return passes


def entries_of(proposal: Proposal) -> list[dict[str, Any]]:
    rendered = proposal.told[0].rendered
    assert rendered is not None, proposal.told[0].why
    terraform = json.loads(rendered.text)["resource"]["aws_network_acl_rule"].values()
    api: list[dict[str, Any]] = json.loads(dict(rendered.others)[".api.json"])
    assert [(one["rule_number"], one["egress"]) for one in terraform] == [
        (one["RuleNumber"], one["Egress"]) for one in api
    ]
    assert {one["RuleAction"] for one in api} == {"deny"}
    return api


@pytest.mark.parametrize(
    "sever", [("site:th",), ("link:th <-> jp",), ("all",), ("host:10.60.0.9", "link:th <-> jp")]
)
def test_text_and_model_pass_the_same_packets(sever: tuple[str, ...]) -> None:
    proposal, order = plan("aws-nacl", [Restriction(sever)])
    passes = reads(entries_of(proposal))
    seen = set()
    for packet in packets(7):
        if not all(any(end in network for network in TH) for end in (packet.src, packet.dst)):
            assert passes(packet) == opens(order, packet), packet
            seen.add(passes(packet))
    assert seen == {True, False}


@pytest.mark.parametrize(
    ("sever", "fields", "why"),
    [
        ("site:th", {"allow": ("FILES",)}, "cannot keep FILES open"),
        ("host:edi-th", {}, "cannot tell the addresses behind it apart"),
        ("group:th/scada", {}, "cannot tell the addresses behind it apart"),
        ("site:th", {"direction": "in"}, "cannot tell who began a session"),
        ("site:th", {"existing": "drain"}, "cannot let the open sessions"),
    ],
)
def test_what_it_cannot_say(sever: str, fields: dict[str, Any], why: str) -> None:
    told = plan("aws-nacl", [Restriction((sever,), **fields)])[0].told[0]
    assert told.rendered is None
    assert why in told.why


def test_more_entries_than_aws_takes_are_refused_not_left_out() -> None:
    _, order = plan("aws-nacl", [Restriction(("site:th",))])
    cut = order.held[0].cuts[0]
    base = 0xFFFF00000000
    many = tuple((base + 0x0A010000 + 2 * n, base + 0x0A010000 + 2 * n) for n in range(39))

    def told(count: int) -> str:
        far = replace(cut, far=Region({"": many[:count]}))
        held = (replace(order.held[0], cuts=(far,)),)
        return AwsNacl().render(replace(order, held=held)).text

    assert len(json.loads(told(38))["resource"]["aws_network_acl_rule"]) == 76
    with pytest.raises(Exception, match="would have 39 entries in"):
        told(39)


def test_without_restrictions_nothing_is_denied() -> None:
    _, order = plan("aws-nacl", [Restriction(("site:th",))])
    rendered = AwsNacl().render(replace(order, held=()))
    assert "deny" not in rendered.text
    assert json.loads(rendered.others[0][1]) == []
