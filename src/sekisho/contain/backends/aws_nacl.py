"""AWS network ACLs: entries that deny, before those that the ACL has already.

A network ACL judges packets by the address beyond the subnet and the port that they go to. It knows neither the
addresses within, nor source ports, nor TCP's flags: the answers to what stays open would open every
high port to whoever answers. So it only cuts, and only what lies behind it as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sekisho.contain.backends.base import CannotExpress, Rendered
from sekisho.contain.backends.lines import FAMILIES, only_both_ways, only_dropping
from sekisho.contain.flattening import Closing, family_spans, flat
from sekisho.contain.orders import Order
from sekisho.contain.regions import Region, joined, prefixes
from sekisho.model.addresses import IPNetwork

DEFAULT_QUOTA, QUOTA = 20, 40
"""Entries of one direction, of both families together: what AWS gives, and the most that it may raise it to."""
FIRST = {False: 1, True: 101}
"""The number of the first entry: of restrictions, and of the register, which stands behind them."""
_STARS = 2
"""The last two entries of every ACL, which count too."""
_BEFORE = (
    "its entries are the first, from {first} on: the ACL's own must stand behind them, and count with them"
    f" against AWS's quota of {DEFAULT_QUOTA} a direction (raised, {QUOTA})"
)


class AwsNacl:
    """The `aws-nacl` platform. What lies behind the ACL is the near end of the gateway's links."""

    def render(self, order: Order) -> Rendered:
        """Terraform in JSON, and the same entries for the API. Without restrictions there are none."""
        only_both_ways(order, "aws-nacl")
        only_dropping(order, "aws-nacl")
        found = flat(order)
        if found.openings:
            names = ", ".join(dict.fromkeys(one.name for one in found.openings))
            raise CannotExpress(
                f"aws-nacl cannot keep {names[:200]} open: the answers would open every high port",
                "sever without keeping rules there, or put a gateway that keeps state on the link",
            )
        inside = joined(near for near, _ in order.carried)
        entries = list(_numbered(found.closings, inside, order))
        if order.held and not entries:
            raise CannotExpress(f"{order.plans} cuts no IPv4 and no IPv6 addresses at this gateway")
        prefix = order.name.replace("-", "_")
        variable = f"{prefix}_network_acl_id"
        terraform = {
            "variable": {variable: {"type": "string"}},
            "resource": {
                "aws_network_acl_rule": {
                    f"{prefix}_{_name(one)}": _terraform(one, variable) for one in entries
                }
            },
        }
        if not entries:
            del terraform["resource"]
        api = [_api(one) for one in entries]
        return Rendered(
            order.gateway.name,
            _json(terraform),
            ".tf.json",
            (_BEFORE.format(first=FIRST[order.register]),) if entries else (),
            ((".api.json", _json(api)),),
        )


def _numbered(closings: Sequence[Closing], inside: Region, order: Order) -> Iterator[dict[str, Any]]:
    for egress in (False, True):
        found: dict[IPNetwork, str] = {}
        for one in closings:
            for prefix in _beyond(one, inside, order, egress=egress):
                found.setdefault(prefix, f"{one.plan} {one.what}")
        if len(found) > QUOTA - _STARS:
            raise CannotExpress(
                f"the network ACL of {order.gateway.name} would have {len(found)} entries"
                f" {'out' if egress else 'in'}",
                f"AWS takes {QUOTA - _STARS} at most: sever wider, or elsewhere",
            )
        for number, prefix in enumerate(found, FIRST[order.register]):
            yield {"number": number, "egress": egress, "prefix": prefix}


def _beyond(one: Closing, inside: Region, order: Order, *, egress: bool) -> Iterator[IPNetwork]:
    here, there = (one.sources, one.destinations) if egress else (one.destinations, one.sources)
    beyond = there.minus(inside)
    if not here.meet(inside) or not beyond:
        return
    realm = order.gateway.realm
    for family in FAMILIES:
        cut = [p for span in family_spans(beyond, realm, family) for p in prefixes(span, family)]
        mine = Region({realm: inside.spans.get(realm, ())}).of(realm, family)
        touched = here.meet(inside).of(realm, family)
        if not cut or not touched:
            continue
        if touched != mine:
            raise CannotExpress(
                f"aws-nacl cannot tell the addresses behind it apart: {one.plan} {one.what} cuts only some",
                "sever all that lies behind it, or put a gateway that tells them apart on the link",
            )
        yield from cut


def _name(one: dict[str, Any]) -> str:
    return f"{'out' if one['egress'] else 'in'}_{one['number']}"


def _terraform(one: dict[str, Any], variable: str) -> dict[str, Any]:
    prefix: IPNetwork = one["prefix"]
    return {
        "network_acl_id": f"${{var.{variable}}}",
        "rule_number": one["number"],
        "egress": one["egress"],
        "protocol": "-1",
        "rule_action": "deny",
        "cidr_block" if prefix.version == 4 else "ipv6_cidr_block": str(prefix),
    }


def _api(one: dict[str, Any]) -> dict[str, Any]:
    prefix: IPNetwork = one["prefix"]
    return {
        "RuleNumber": one["number"],
        "Egress": one["egress"],
        "Protocol": "-1",
        "RuleAction": "deny",
        "CidrBlock" if prefix.version == 4 else "Ipv6CidrBlock": str(prefix),
    }


def _json(content: object) -> str:
    return json.dumps(content, indent=2) + "\n"
