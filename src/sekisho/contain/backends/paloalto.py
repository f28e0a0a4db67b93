"""Palo Alto PAN-OS: security rules of any zone to any, as XML for `load config partial`."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, fromstring

from sekisho.contain.backends.aerleon import Target, generate_rules
from sekisho.contain.backends.base import CannotExpress, Rendered
from sekisho.contain.backends.first_rules import first_rules, notes, same
from sekisho.contain.backends.lines import Line
from sekisho.contain.orders import Order

_ZONES = "from-zone any to-zone any"
_TARGET = Target(
    "paloalto",
    "paloalto",
    ".xml",
    r'^ *<entry name="(sekisho-[a-z0-9-]+)">$',
    lambda section, line: f"<action>{'allow' if line.accept else 'deny'}</action>" in section,
)
_NOTHING = "<config>\n  <!-- Nothing is cut. -->\n</config>\n"


class PaloAlto:
    """The `paloalto` platform."""

    def render(self, order: Order) -> Rendered:
        """Rules, services and addresses. Without restrictions there are none."""
        found = first_rules(order, "paloalto")
        every = [line for one in found.values() for line in one]
        text = _NOTHING
        if every:
            text = generate_rules(_TARGET, {4: f"{_ZONES} inet", 6: f"{_ZONES} inet6"}, found)
            _check(text, every)
        return Rendered(order.gateway.name, text, ".xml", notes(order))


def _check(text: str, every: Sequence[Line]) -> None:
    """Follow each rule to its addresses and ports, which stand elsewhere."""
    root = fromstring(text)  # noqa: S314 - it was written just now
    addresses = {
        one.get("name"): one.findtext("ip-netmask") for one in root.iterfind(".//address/entry")
    }
    groups = {
        one.get("name"): [str(addresses.get(member)) for member in _members(one, "static")]
        for one in root.iterfind(".//address-group/entry")
    }
    services = {
        one.get("name"): {(kind.tag, str(kind.findtext("port"))) for kind in one.iterfind("protocol/*")}
        for one in root.iterfind(".//service/entry")
    }
    for line, rule in zip(every, root.iterfind(".//rules/entry"), strict=True):
        ports = ",".join(str(a) if a == b else f"{a}-{b}" for a, b in line.destination_ports)
        wanted = {({6: "tcp", 17: "udp"}[line.protocol], ports)} if line.protocol else None
        named = _members(rule, "service")
        said = None if named == ["any"] else {one for name in named for one in services.get(name, ())}
        ends = [
            [address for name in _members(rule, end) for address in groups.get(name, ())]
            for end in ("source", "destination")
        ]
        if (
            rule.get("name") != line.name
            or said != wanted
            or _members(rule, "application") != ["any"]
            or not same(ends[0], line.sources)
            or not same(ends[1], line.destinations)
        ):
            raise CannotExpress(
                f"paloalto: what Aerleon says of {line.name} ({line.comment}) is not all of it"
            )


def _members(element: Element, tag: str) -> list[str]:
    return [str(one.text) for one in element.iterfind(f"{tag}/member")]
