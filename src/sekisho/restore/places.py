"""Between which places something passes: pairs of sites, `zone:NAME`, `internet`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sekisho.inventory.register import Inventory
from sekisho.model.addresses import parse_address
from sekisho.model.findings import End, Finding
from sekisho.model.rules import Selector
from sekisho.policy.judge import End as Address

Pair = frozenset[str]
"""Two places; one alone is a site and whatever its hosts talk with."""


def place_of(selector: Selector, inventory: Inventory, at: datetime) -> str | None:
    """Where the addresses of a selector are; None where that may be more than one place (`*`, a prefix)."""
    match selector.kind:
        case "site":
            return selector.value
        case "group":
            return selector.value.partition("/")[0]
        case "asset":
            sites = {one.site for one in inventory.hostnames.get(selector.value.casefold(), ())}
            return sites.pop() if len(sites) == 1 else None
        case "zone":
            return f"zone:{selector.value}"
        case "internet":
            return "internet"
        case "prefix" if selector.prefix is not None and selector.prefix.num_addresses == 1:
            return _placed((selector.realm, selector.prefix.network_address), inventory, at)
    return None


def pair_of(finding: Finding, inventory: Inventory, at: datetime) -> Pair:
    """Between which places a finding's connection went."""
    return pair_of_ends((finding.src, finding.dst), inventory, at)


def pair_of_ends(ends: Iterable[End], inventory: Inventory, at: datetime) -> Pair:
    """The places of two ends."""
    return frozenset(_end(one, inventory, at) for one in ends)


def text_of(pair: Pair) -> str:
    """`A <-> B`."""
    first, *rest = sorted(pair)
    return f"{first} <-> {rest[0] if rest else '*'}"


def touches(pairs: Iterable[Pair], found: Pair) -> bool:
    """Whether what went between two places went over one of the pairs."""
    return any(pair == found or (len(pair) == 1 and pair <= found) for pair in pairs)


def _end(end: End, inventory: Inventory, at: datetime) -> str:
    if end.site:
        return end.site
    return _placed((end.realm or "", parse_address(end.address)), inventory, at)


def _placed(end: Address, inventory: Inventory, at: datetime) -> str:
    found = inventory.place(*end, at)
    if found.site:
        return found.site
    if found.zones:
        return f"zone:{found.zones[0]}"
    return "internet" if found.globally_routable else "nowhere"
