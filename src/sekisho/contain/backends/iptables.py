"""iptables: a chain of our own that only drops or returns, each family replaced in one go.

Aerleon's words for iptables accept in the chains of everybody and set their policies, which would widen
what the gateway's own rules let pass. Sessions are told apart by who began them, as with nftables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sekisho.contain.backends.base import CannotExpress, Rendered
from sekisho.contain.backends.lines import Line, every_line
from sekisho.contain.boxes import Range
from sekisho.contain.orders import Order
from sekisho.contain.regions import Family
from sekisho.model.protocols import ICMP, ICMP6, WITH_PORTS

_COMMANDS = {4: "iptables", 6: "ip6tables"}
_NAMES = {ICMP: "icmp", 6: "tcp", 17: "udp", ICMP6: "ipv6-icmp"}
_MULTIPORT = (6, 17, 33, 132, 136)
_SLOTS = 15
"""Ports that one multiport match takes; a range takes two."""
_BEGUN, _ANSWER = "-m conntrack --ctdir ORIGINAL", "-m conntrack --ctdir REPLY"


class Iptables:
    """The `iptables` platform."""

    def render(self, order: Order) -> Rendered:
        """A shell script. Without restrictions it leaves empty chains: nothing is cut."""
        found = every_line(order, "iptables", "kept")
        text = [
            "#!/bin/sh",
            f"# sekisho: restrictions of gateway {order.gateway.name}, plans: {order.plans}.",
            "# Only the chains of that name are replaced; what they return is for the gateway's own rules.",
            "set -e",
        ]
        for family, one in found.items():
            text += _family(order.name, family, one)
        return Rendered(order.gateway.name, "\n".join(text) + "\n", ".sh")


def _family(chain: str, family: Family, found: Sequence[Line]) -> Iterator[str]:
    command = _COMMANDS[family]
    yield f"{command}-restore --noflush --wait <<'END'"
    yield "*filter"
    yield f":{chain} - [0:0]"
    yield f":{chain}-drop - [0:0]"
    if found:
        yield from (f"-A {chain} {rule} -j RETURN" for rule in _needed(family))
        both = {(line.destinations, line.sources) for line in found if not line.accept}
        for line in found:
            yield f"# {line.name}: {line.comment}"
            whole = (line.sources, line.destinations) in both
            rules = _kept(line) if line.accept else _cut(line, whole=whole)
            verdict = "RETURN" if line.accept else f"{chain}-drop"
            yield from (f"-A {chain} {rule} -j {verdict}" for rule in rules)
        yield (
            f'-A {chain}-drop -m limit --limit 5/second --limit-burst 10 -j LOG --log-prefix "{chain} "'
        )
        yield f"-A {chain}-drop -j DROP"
    yield "COMMIT"
    yield "END"
    for hook in ("FORWARD", "INPUT", "OUTPUT"):
        yield f"{command} -w -C {hook} -j {chain} 2>/dev/null || {command} -w -I {hook} 1 -j {chain}"


def _needed(family: Family) -> Iterator[str]:
    """Without these no neighbour on the same link could be reached, nor a path's size be learned."""
    related = "-m conntrack --ctstate RELATED"
    if family == 4:
        yield f"-p icmp -m icmp --icmp-type 3/4 {related}"
        return
    for kind in (133, 134, 135, 136):
        yield f"-p ipv6-icmp -m icmp6 --icmpv6-type {kind} -m hl --hl-eq 255"
    yield f"-p ipv6-icmp -m icmp6 --icmpv6-type 2 {related}"


def _kept(line: Line) -> Iterator[str]:
    for source in line.sources:
        for destination in line.destinations:
            for there, answered in _services(line):
                yield f"-s {source} -d {destination}{there} {_BEGUN}"
                yield f"-s {destination} -d {source}{answered} {_ANSWER}"


def _cut(line: Line, *, whole: bool) -> Iterator[str]:
    unknown = "-m conntrack --ctstate INVALID,UNTRACKED"
    for source in line.sources:
        for destination in line.destinations:
            if whole:
                yield f"-s {source} -d {destination}"
                continue
            yield f"-s {source} -d {destination} {_BEGUN}"
            yield f"-s {destination} -d {source} {_ANSWER}"
            # Of a packet that belongs to no known session nobody can say who began it.
            yield f"-s {source} -d {destination} {unknown}"
            yield f"-s {destination} -d {source} {unknown}"


def _services(line: Line) -> Iterator[tuple[str, str]]:
    if line.protocol is None:
        yield "", ""
        return
    protocol = f" -p {_NAMES.get(line.protocol, line.protocol)}"
    if not line.destination_ports:
        yield protocol, protocol
        return
    if line.protocol not in WITH_PORTS or line.protocol not in _MULTIPORT:
        raise CannotExpress(f"iptables knows no ports of protocol {line.protocol}", line.comment)
    for some in _chunks(line.destination_ports):
        ports = ",".join(str(a) if a == b else f"{a}:{b}" for a, b in some)
        match = f"{protocol} -m multiport"
        yield f"{match} --dports {ports}", f"{match} --sports {ports}"


def _chunks(ports: Iterable[Range]) -> Iterator[list[Range]]:
    some: list[Range] = []
    slots = 0
    for one in ports:
        size = 1 if one[0] == one[1] else 2
        if slots + size > _SLOTS:
            yield some
            some, slots = [], 0
        some.append(one)
        slots += size
    yield some
