"""Junos: one firewall filter a family, judged packet by packet, on routers and on SRX alike.

An SRX asks its filters before its policies and before its sessions, so what is cut ends at once. Its policies
are left alone: Aerleon's words for these replace all there are.
"""

from __future__ import annotations

from dataclasses import dataclass

from sekisho.contain.backends.access_lists import ALONE, WITHOUT_STATE
from sekisho.contain.backends.aerleon import Target, generate
from sekisho.contain.backends.base import Rendered
from sekisho.contain.backends.lines import Line, every_line
from sekisho.contain.orders import Order

_TERM = r"^ {12}term (\S+) \{$"


def _whole(section: str, line: Line) -> bool:
    words = section.split()
    return (
        all(f"{prefix};" in words for prefix in (*line.sources, *line.destinations))
        and ("accept;" in words) is line.accept
        and ("discard;" in words) is not line.accept
        and ("source-port" in words) is bool(line.source_ports)
        and ("destination-port" in words) is bool(line.destination_ports)
        and ("tcp-established;" in words) is line.established
        and bool({"protocol", "next-header", "payload-protocol"} & set(words))
        is (line.protocol is not None)
    )


@dataclass(frozen=True, slots=True)
class Junos:
    """`header` is what Aerleon wants to know beside name and family."""

    target: Target
    header: str = ""

    def render(self, order: Order) -> Rendered:
        """Both filters, for `load replace`. Without restrictions they let everything pass."""
        found = every_line(order, self.target.platform, "none")
        texts = [
            f"/* sekisho: restrictions of gateway {order.gateway.name}, plans: {order.plans}. */\n"
        ]
        for family, one in found.items():
            inet = "inet" if family == 4 else "inet6"
            header = f"{order.name}-{family} {inet} {self.header}".strip()
            texts.append(
                generate(self.target, header, family, one, neighbours=family == 6 and bool(one))
            )
        notes = (WITHOUT_STATE, ALONE) if order.held else ()
        return Rendered(order.gateway.name, "".join(texts), self.target.suffix, notes)


JUNIPER = Junos(Target("juniper", "juniper", ".jcl", _TERM, _whole))
JUNIPER_EVO = Junos(Target("juniper-evo", "juniperevo", ".evojcl", _TERM, _whole), "ingress")
SRX = Junos(Target("juniper-srx", "srxlo", ".jsl", _TERM, _whole))
