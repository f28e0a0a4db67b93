"""Rules of firewalls that keep sessions, which stand before those that the firewall has already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from ipaddress import collapse_addresses, ip_network

from sekisho.contain.backends.base import CannotExpress
from sekisho.contain.backends.lines import TCP, Line, every_line
from sekisho.contain.orders import Order
from sekisho.contain.regions import Family
from sekisho.model.addresses import IPNetwork

UDP = 17
_PORTS = ((1, 0xFFFF),)
OLD = "first remove the rules whose names begin with {name}-: those of before are not in this text"
TOP = "move its rules, in their order, before all others: behind one that permits, they cut nothing"
WIDER = "what stays open is permitted before the firewall's own rules are asked"
SESSIONS = "then end the open sessions between what is cut, unless it ends them on a change of rules"


def first_rules(order: Order, platform: str) -> dict[Family, list[Line]]:
    """The lines of both families, with names of their own. Raises CannotExpress for what Aerleon says wrongly
    or not at all: it permits everything for some protocols that it does not know."""
    found = every_line(order, platform, "kept")
    return {family: list(_named(order.name, family, one, platform)) for family, one in found.items()}


def notes(order: Order) -> tuple[str, ...]:
    """What a person must know who loads them."""
    old = OLD.format(name=order.name)
    return (old, TOP, WIDER, SESSIONS) if order.held else (old,)


def same(said: Iterable[str], wanted: Iterable[IPNetwork]) -> bool:
    """Whether texts of prefixes cover what is wanted and no more. Aerleon divides some of them."""
    try:
        found = [ip_network(text) for text in said]
        return list(collapse_addresses(found)) == list(collapse_addresses(wanted))  # type: ignore[type-var]
    except (ValueError, TypeError):
        return False


def _named(name: str, family: Family, found: list[Line], platform: str) -> Iterator[Line]:
    for line in found:
        if line.protocol not in (None, TCP, UDP):
            raise CannotExpress(
                f"{platform} cannot keep protocol {line.protocol} open here ({line.comment})",
                "keep TCP, UDP or everything open, or permit it at the firewall by hand",
            )
        ports = line.destination_ports
        if line.protocol is not None:
            # Port 0 is no port there; it stays cut.
            ports = tuple((max(1, low), high) for low, high in ports or _PORTS if high)
            if not ports:
                continue
        yield replace(line, name=f"{name}-{family}-{line.name}", destination_ports=ports)
