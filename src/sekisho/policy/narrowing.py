"""What two rules both permit, as a rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sekisho.inventory.register import Inventory
from sekisho.model.protocols import WITH_PORTS
from sekisho.model.rules import Rule, Selector
from sekisho.model.services import PortRange
from sekisho.policy.classes import members
from sekisho.policy.ports import LAST, Span, describe, key, meet, spans_of


def both(rule: Rule, other: Rule, inventory: Inventory) -> Rule | None:
    """`rule` narrowed to what `other` permits too, None where that is nothing.

    Selectors meet where one lies within the other; where two only overlap, their common part is left
    out, so the result may be narrower than the truth and is never wider.
    """
    sources = _common(rule.sources, other.sources, inventory)
    destinations = _common(rule.destinations, other.destinations, inventory)
    own, others = spans_of(rule.services), spans_of(other.services)
    spans = meet(own, others)
    validity = rule.validity.meet(other.validity)
    if not (sources and destinations and spans) or validity is None:
        return None
    return replace(
        rule,
        sources=sources,
        destinations=destinations,
        services=rule.services if spans == own else ranges_of(spans),
        service_text=rule.service_text if spans == own else describe(spans),
        validity=validity,
    )


def _common(
    own: Sequence[Selector], others: Sequence[Selector], inventory: Inventory
) -> tuple[Selector, ...]:
    found = [a for a in own if any(within(a, b, inventory) for b in others)]
    found += [b for b in others if any(within(b, a, inventory) for a in own)]
    return tuple(dict.fromkeys(found))


def within(inner: Selector, outer: Selector, inventory: Inventory) -> bool:
    """Whether all that `inner` means is meant by `outer` at every time; False where nobody can tell."""
    if inner == outer:
        return True
    if inner.kind == "site":
        return outer.kind == "any"
    if inner.kind in ("any", "internet", "zone"):
        return False
    parts = list(members(inventory, inner))
    match outer.kind:
        case "any":
            return bool(parts) and all(
                site is not None or inventory.sites_of(realm, prefix)
                for realm, prefix, _, site in parts
            )
        case "site":
            return bool(parts) and all(
                outer.value == site or inventory.sites_of(realm, prefix) == {outer.value}
                for realm, prefix, _, site in parts
            )
        case "group" | "asset" | "prefix":
            wide = list(members(inventory, outer))
            return bool(parts) and all(
                any(
                    realm == space
                    and (home is None or home == site or inventory.sites_of(realm, prefix) == {home})
                    and prefix.version == net.version
                    and prefix.subnet_of(net)  # type: ignore[arg-type]
                    and validity.within(span)
                    for space, net, span, home in wide
                )
                for realm, prefix, validity, site in parts
            )
        case _:
            return False


def ranges_of(spans: Iterable[Span]) -> tuple[PortRange, ...]:
    """Spans of keys as port ranges again, one for each protocol that they touch."""
    found: list[PortRange] = []
    for first, last in spans:
        if (first, last) == (0, LAST):
            found.append(PortRange(None))
            continue
        for protocol in range(first >> 16, (last >> 16) + 1):
            low = max(first, key(protocol, 0)) & 0xFFFF
            high = min(last, key(protocol, 0xFFFF)) & 0xFFFF
            found.append(PortRange(protocol, low, high if protocol in WITH_PORTS else 0))
    return tuple(found)
