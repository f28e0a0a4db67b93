from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
from tests.contain.backends.packets import Packet, agrees, opens, plan

from sekisho.contain.backends.azure_nsg import AzureNsg
from sekisho.contain.backends.base import CannotExpress
from sekisho.model.restrictions import Restriction

_PROTOCOLS = {"Tcp": 6, "Udp": 17, "Icmp": 1, "Esp": 50, "Ah": 51}


def reads(text: str) -> Callable[[Packet], bool]:
    """Whether no rule denies what begins, by priority, the same in both directions."""
    rules = json.loads(text)["resource"]["azurerm_network_security_rule"].values()
    by_direction = {
        direction: sorted(
            (one for one in rules if one["direction"] == direction), key=lambda one: one["priority"]
        )
        for direction in ("Inbound", "Outbound")
    }
    for found in by_direction.values():
        priorities = [one["priority"] for one in found]
        assert len(set(priorities)) == len(priorities)
        assert 100 <= min(priorities) <= max(priorities) <= 4096

    def passes(packet: Packet) -> bool:
        verdicts = {
            next((one["access"] == "Allow" for one in found if _matches(one, packet)), True)
            for found in by_direction.values()
        }
        assert len(verdicts) == 1
        return verdicts.pop()

    return passes


def _matches(one: dict[str, Any], packet: Packet) -> bool:
    ports = one.get("destination_port_ranges", ["0-65535"])
    return (
        any(packet.src in ip_network(prefix) for prefix in one["source_address_prefixes"])
        and any(packet.dst in ip_network(prefix) for prefix in one["destination_address_prefixes"])
        and (one["protocol"] == "*" or packet.protocol == _PROTOCOLS[one["protocol"]])
        and any(
            int(low) <= packet.dport <= int(high)
            for low, high in ((port.split("-") * 2)[:2] for port in ports)
        )
    )


def test_what_begins_passes_where_the_model_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    # ICMP of IPv6 cannot be kept open.
    monkeypatch.setattr(
        "tests.contain.backends.packets.RULES", ("EDI", "DNS", "FILES", "OPS", "REMOTE")
    )
    agrees("azure-nsg", reads, opens, ("both", "in", "out"))


def test_the_api_is_told_the_same() -> None:
    rendered = plan("azure-nsg", [Restriction(("site:th",), allow=("FILES",))])[0].told[0].rendered
    assert rendered is not None
    api = json.loads(dict(rendered.others)[".api.json"])
    terraform = json.loads(rendered.text)["resource"]["azurerm_network_security_rule"]
    assert [one["name"] for one in api] == list(terraform)
    assert [one["properties"]["access"] for one in api] == [one["access"] for one in terraform.values()]


def test_what_it_cannot_say(monkeypatch: pytest.MonkeyPatch) -> None:
    told = plan("azure-nsg", [Restriction(("site:th",), allow=("PING",))])[0].told[0]
    assert told.why.startswith("azure-nsg knows no protocol 58")
    _, order = plan("azure-nsg", [Restriction(("site:th",))])
    monkeypatch.setattr("sekisho.contain.backends.azure_nsg.MAX_RULES", 3)
    with pytest.raises(CannotExpress, match="would have 8 rules with"):
        AzureNsg().render(order)


def test_without_restrictions_nothing_is_denied() -> None:
    _, order = plan("azure-nsg", [Restriction(("site:th",))])
    assert "resource" not in json.loads(AzureNsg().render(replace(order, held=())).text)
