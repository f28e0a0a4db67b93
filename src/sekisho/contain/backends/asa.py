"""Cisco ASA: one list for both families, judged when a session begins.

Aerleon leaves IPv6 out of its ASA lists; its IOS entries are the same but for the words around them.
"""

from __future__ import annotations

import re

from sekisho.contain.backends.access_lists import ALONE, IOS
from sekisho.contain.backends.aerleon import Target, generate
from sekisho.contain.backends.base import CannotExpress, Rendered
from sekisho.contain.backends.lines import Line, every_line
from sekisho.contain.orders import Order

_ENTRY = re.compile(r" extended (?:permit|deny) ")
_SESSIONS = (
    "sessions that are open go on: end them with `clear conn address`, at both ends of what is cut,"
    " or the restriction cuts only what begins"
)
_UNBOUND = (
    "writing the list anew unbinds it: name the interfaces in gateways.yaml, or bind it again with"
    " `access-group {name} {way} interface NAME`"
)


def _whole(section: str, line: Line) -> bool:
    verdict = "permit" if line.accept else "deny"
    return [entry.split()[1] for entry in _ENTRY.findall(section)] == [verdict] * line.entries


_BEGINS = r"^access-list \S+ remark ((?:keep|drop)-[\d-]+|rest)$"
_TARGET = Target("cisco-asa", "ciscoasa", ".asa", _BEGINS, _whole)


class Asa:
    """The `cisco-asa` platform, from software 9.0."""

    def render(self, order: Order) -> Rendered:
        """The list, and where it is bound if gateways.yaml says so. Without restrictions all passes."""
        found = every_line(order, "cisco-asa", "kept")
        # An interface takes one list a direction: restrictions have the one, the register the other.
        name, way = order.name, "in" if order.register else "out"
        text = [
            f"! sekisho: restrictions of gateway {order.gateway.name}, plans: {order.plans}.",
            f"clear configure access-list {name}",
        ]
        if found[4]:
            four = generate(_TARGET, name, 4, found[4], rest=False)
            text += [line for line in four.splitlines() if not line.startswith("clear configure")]
        if found[6]:
            header = f"{name} inet6"
            six = generate(IOS.target, header, 6, found[6], rest=False)
            text += [_moved(line, name) for line in six.splitlines() if line.startswith(" ")]
        text.append(f"access-list {name} remark rest")
        text.append(f"access-list {name} extended permit ip any any")
        text += [f"access-group {name} {way} interface {one}" for one in order.gateway.interfaces]
        notes = (
            (
                _SESSIONS,
                ALONE,
                *(() if order.gateway.interfaces else (_UNBOUND.format(name=name, way=way),)),
            )
            if order.held
            else ()
        )
        return Rendered(order.gateway.name, "\n".join(text) + "\n", ".asa", notes)


def _moved(line: str, name: str) -> str:
    """An entry of an IOS list of IPv6 as one of an ASA list."""
    words = line.split()
    if words[0] == "remark":
        return f"access-list {name} remark {' '.join(words[1:])}"
    verdict, protocol, *rest = words
    if verdict not in ("permit", "deny"):
        raise CannotExpress(f"cisco-asa: `{line.strip()}` is no entry")
    protocol = {"ipv6": "ip", "58": "icmp6"}.get(protocol, protocol)
    rest = ["any6" if word == "any" else word for word in rest]
    return " ".join(["access-list", name, "extended", verdict, protocol, *rest])
