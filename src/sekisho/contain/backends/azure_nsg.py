"""Azure network security groups: rules of the first priorities, before those that the group has already."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sekisho.contain.backends.base import CannotExpress, Rendered
from sekisho.contain.backends.lines import Line, every_line
from sekisho.contain.orders import Order
from sekisho.model.addresses import IPNetwork
from sekisho.model.protocols import ICMP

FIRST, LAST = {False: 100, True: 2100}, 4096
"""Priorities of one direction, the lowest goes first: restrictions begin with the one, the register, which
stands behind them, with the other."""
MAX_RULES, MAX_PREFIXES = 1_000, 4_000
"""What one group takes."""
_PROTOCOLS = {None: "*", ICMP: "Icmp", 6: "Tcp", 17: "Udp", 50: "Esp", 51: "Ah"}
_FIRST = (
    "its rules are the first, from priority {first} on: the group's own must have higher numbers."
    " What stays open is allowed before these are asked"
)
_OPEN = "flows that are open may go on: end them at the hosts, or stop and start these"


class AzureNsg:
    """The `azure-nsg` platform."""

    def render(self, order: Order) -> Rendered:
        """Terraform in JSON, and the same rules for the API. Without restrictions there are none."""
        found = every_line(order, "azure-nsg", "kept")
        rules = list(_rules(order, [line for one in found.values() for line in one]))
        prefix = order.name.replace("-", "_")
        variables = f"{prefix}_resource_group", f"{prefix}_network_security_group"
        terraform: dict[str, Any] = {"variable": {name: {"type": "string"} for name in variables}}
        if rules:
            terraform["resource"] = {
                "azurerm_network_security_rule": {
                    one["name"]: _terraform(one, variables) for one in rules
                }
            }
        api = [{"name": one["name"], "properties": _api(one)} for one in rules]
        return Rendered(
            order.gateway.name,
            _json(terraform),
            ".tf.json",
            (_FIRST.format(first=FIRST[order.register]), _OPEN) if rules else (),
            ((".api.json", _json(api)),),
        )


def _rules(order: Order, found: Sequence[Line]) -> Iterator[dict[str, Any]]:
    _bounded(order, found)
    first = FIRST[order.register]
    for direction in ("Inbound", "Outbound"):
        for number, line in enumerate(found):
            if line.protocol not in _PROTOCOLS:
                raise CannotExpress(
                    f"azure-nsg knows no protocol {line.protocol} ({line.comment})",
                    "keep TCP, UDP, ICMP of IPv4, ESP, AH or everything open",
                )
            yield {
                "name": f"{order.name}-{direction.lower()}-{first + number}",
                "description": f"{line.name} {line.comment}",
                "priority": first + number,
                "direction": direction,
                "access": "Allow" if line.accept else "Deny",
                "protocol": _PROTOCOLS[line.protocol],
                "sources": _texts(line.sources),
                "destinations": _texts(line.destinations),
                "ports": [str(a) if a == b else f"{a}-{b}" for a, b in line.destination_ports],
            }


def _bounded(order: Order, found: Sequence[Line]) -> None:
    prefixes = sum(len(line.sources) + len(line.destinations) for line in found)
    if (
        2 * len(found) > MAX_RULES
        or FIRST[order.register] + len(found) > LAST
        or prefixes > MAX_PREFIXES
    ):
        raise CannotExpress(
            f"the security group of {order.gateway.name} would have {2 * len(found):,} rules"
            f" with {prefixes:,} prefixes",
            f"Azure takes {MAX_RULES:,} with {MAX_PREFIXES:,}: keep fewer rules open, or sever wider",
        )


def _texts(networks: Sequence[IPNetwork]) -> list[str]:
    return [str(network) for network in networks]


def _terraform(one: dict[str, Any], variables: tuple[str, str]) -> dict[str, Any]:
    ports = (
        {"destination_port_ranges": one["ports"]} if one["ports"] else {"destination_port_range": "*"}
    )
    return {
        "resource_group_name": f"${{var.{variables[0]}}}",
        "network_security_group_name": f"${{var.{variables[1]}}}",
        **{
            key: one[key]
            for key in ("name", "description", "priority", "direction", "access", "protocol")
        },
        "source_port_range": "*",
        **ports,
        "source_address_prefixes": one["sources"],
        "destination_address_prefixes": one["destinations"],
    }


def _api(one: dict[str, Any]) -> dict[str, Any]:
    ports = {"destinationPortRanges": one["ports"]} if one["ports"] else {"destinationPortRange": "*"}
    return {
        **{key: one[key] for key in ("description", "priority", "direction", "access", "protocol")},
        "sourcePortRange": "*",
        **ports,
        "sourceAddressPrefixes": one["sources"],
        "destinationAddressPrefixes": one["destinations"],
    }


def _json(content: object) -> str:
    return json.dumps(content, indent=2) + "\n"
