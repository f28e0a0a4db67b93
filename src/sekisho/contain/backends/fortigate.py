"""FortiGate: firewall policies of any interface to any, as commands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sekisho.contain.backends.aerleon import Target, generate_rules
from sekisho.contain.backends.base import CannotExpress, Rendered
from sekisho.contain.backends.first_rules import first_rules, notes, same
from sekisho.contain.backends.lines import Line
from sekisho.contain.orders import Order

FIRST = {False: 900_001, True: 950_001}
"""The number of the first policy: of restrictions, and of the register. Aerleon counts
from 1, and would write over policies that are there."""
_ZONES = "from-zone any to-zone any"
_POLICIES = "config firewall policy\n"


def _whole(section: str, line: Line) -> bool:
    service = line.name if line.protocol is not None else "ALL"
    suffix = "" if line.sources[0].version == 4 else "6"
    token = line.name.upper().replace("-", "_")
    return (
        ("set action accept\n" in section) is line.accept
        and f'set service "{service}"\n' in section
        and f'set srcaddr{suffix} "{token}_SRC"\n' in section
        and f'set dstaddr{suffix} "{token}_DST"\n' in section
    )


_TARGET = Target("fortigate", "fortigate", ".fgacl", r'^ +set name "(sekisho-[a-z0-9-]+)"$', _whole)


class Fortigate:
    """The `fortigate` platform."""

    def render(self, order: Order) -> Rendered:
        """Addresses, services and policies. Without restrictions there are none."""
        found = first_rules(order, "fortigate")
        every = [line for one in found.values() for line in one]
        text = f"# sekisho: restrictions of gateway {order.gateway.name}, plans: {order.plans}.\n"
        if every:
            said = generate_rules(_TARGET, {4: f"{_ZONES} inet", 6: f"{_ZONES} inet6"}, found)
            _check(said, every)
            objects, policies = said.split(_POLICIES)
            before = FIRST[order.register] - 1
            text += objects + _POLICIES
            text += re.sub(
                r"(?m)^( +edit )(\d+)$", lambda match: f"{match[1]}{before + int(match[2])}", policies
            )
        return Rendered(order.gateway.name, text, ".conf", notes(order))


def _check(text: str, every: Sequence[Line]) -> None:
    """Follow each policy to its addresses and ports, which stand elsewhere."""
    objects = dict(_objects(text))
    for line in every:
        token = line.name.upper().replace("-", "_")
        ends = [
            [
                "/".join(objects.get(member.strip('"'), []))
                for member in objects.get(f"{token}_{end}", [])
            ]
            for end in ("SRC", "DST")
        ]
        ports = [str(a) if a == b else f"{a}-{b}" for a, b in line.destination_ports]
        if (
            not same(ends[0], line.sources)
            or not same(ends[1], line.destinations)
            or (line.protocol is not None and objects.get(line.name) != ports)
        ):
            raise CannotExpress(
                f"fortigate: what Aerleon says of {line.name} ({line.comment}) is not all of it"
            )


def _objects(text: str) -> Iterator[tuple[str, list[str]]]:
    """The values of each address, group and service; an IPv4 prefix is an address and a mask."""
    name = ""
    for line in text.split(_POLICIES)[0].splitlines():
        words = line.split()
        if words[:1] == ["edit"]:
            name = words[1].strip('"')
        elif words[:1] == ["set"] and words[1] != "type":
            yield name, words[2:]
