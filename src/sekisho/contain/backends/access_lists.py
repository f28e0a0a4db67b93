"""Access lists of routers and switches: one list a family, judged packet by packet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sekisho.contain.backends.aerleon import Target, generate
from sekisho.contain.backends.base import Rendered
from sekisho.contain.backends.lines import Line, every_line
from sekisho.contain.boxes import Range
from sekisho.contain.orders import Order
from sekisho.contain.regions import Family

WITHOUT_STATE = (
    "it knows no sessions: answers other than TCP's are let in by the port or protocol they come from,"
    " and messages about a path's size do not pass between cut ends unless a rule keeps icmp open"
)
ALONE = (
    "bind it where no other list is bound: what it lets pass, a list that it replaced might have cut"
)
_ENTRY = re.compile(r"^ (?:permit|deny) ", re.MULTILINE)


def each_entry(section: str, line: Line) -> bool:
    """Whether a section has one entry for each pair of prefixes and ports, and the right verdict."""
    verdict = "permit" if line.accept else "deny"
    entries = [entry.strip() for entry in _ENTRY.findall(section)]
    pairs = len(line.sources) * len(line.destinations)
    return entries == [verdict] * (pairs * _said(line.source_ports) * _said(line.destination_ports))


def _said(ports: Sequence[Range]) -> int:
    """In how many entries ports are said: a range of two is said as two ports."""
    return sum(2 if last == first + 1 else 1 for first, last in ports) or 1


@dataclass(frozen=True, slots=True)
class AccessLists:
    """A platform that Aerleon writes one list a family for. `header` has `{name}`, for either family."""

    target: Target
    header: dict[Family, str]
    notes: tuple[str, ...] = ()

    def render(self, order: Order) -> Rendered:
        """Both lists, each whole. Without restrictions they let everything pass."""
        found = every_line(order, self.target.platform, "none")
        texts = [
            generate(
                self.target,
                self.header[family].format(name=f"{order.name}-{family}"),
                family,
                one,
                neighbours=family == 6 and bool(one),
            )
            for family, one in found.items()
        ]
        title = f"! sekisho: restrictions of gateway {order.gateway.name}, plans: {order.plans}.\n"
        notes = (WITHOUT_STATE, ALONE, *self.notes) if order.held else ()
        return Rendered(order.gateway.name, title + "".join(texts), self.target.suffix, notes)


_REMARK = r"^ remark ((?:keep|answer|begin|other|drop)-[\d-]+|neighbours|rest)$"


def _cisco(platform: str, aerleon: str, suffix: str) -> Target:
    return Target(platform, aerleon, suffix, _REMARK, each_entry)


IOS = AccessLists(
    _cisco("cisco-ios", "cisco", ".acl"),
    {4: "{name} extended", 6: "{name} inet6"},
    ("a list that is bound is empty while it is written anew: copy the file there and merge it whole",),
)
NXOS = AccessLists(_cisco("cisco-nxos", "cisconx", ".nxacl"), {4: "{name} extended", 6: "{name} inet6"})
XR = AccessLists(_cisco("cisco-xr", "ciscoxr", ".xacl"), {4: "{name} extended", 6: "{name} inet6"})
ARISTA = AccessLists(_cisco("arista", "arista", ".eacl"), {4: "{name} extended", 6: "{name} inet6"})
