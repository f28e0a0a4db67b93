"""One family's list of what stays open, what is cut and the rest, as platforms without sets know it.

The first line that matches decides. A list without state judges each packet by itself, so what stays open
needs a line for its answers too: TCP's bear ACK or RST, which no packet that begins a session has; all others
are known by the port they come from alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from sekisho.contain.backends.base import CannotExpress
from sekisho.contain.boxes import Range
from sekisho.contain.flattening import Opening, family_spans, flat
from sekisho.contain.orders import ANY_PORT, Order, services
from sekisho.contain.regions import Family, Region, prefixes
from sekisho.model.addresses import IPNetwork
from sekisho.model.protocols import ICMP, ICMP6
from sekisho.policy.ports import Span

TCP = 6
MAX_LINES = 20_000
"""Lines of a list once each pair of prefixes has its own. No device takes more in good time."""
MAX_PROTOCOLS = 32
_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .:/_-,")
NO_DRAIN = "only nftables can let open sessions run out"


@dataclass(frozen=True, slots=True)
class Line:
    """What passes, or not. No protocol is every protocol, no ports are all. `name` is unique in a list;
    `comment` is for people, in letters that no platform takes amiss."""

    name: str
    comment: str
    accept: bool
    sources: tuple[IPNetwork, ...]
    destinations: tuple[IPNetwork, ...]
    protocol: int | None = None
    source_ports: tuple[Range, ...] = ()
    destination_ports: tuple[Range, ...] = ()
    established: bool = False

    @property
    def entries(self) -> int:
        """How many lines it is where each has one prefix and one range at either end."""
        return (
            len(self.sources)
            * len(self.destinations)
            * max(1, len(self.source_ports))
            * max(1, len(self.destination_ports))
        )


FAMILIES: tuple[Family, ...] = (4, 6)


def every_line(order: Order, platform: str, state: Literal["kept", "none"]) -> dict[Family, list[Line]]:
    """The lists of both families. Raises CannotExpress for what the platform has no words for, and for a
    restriction that cuts no address of either family here."""
    if state == "none":
        only_both_ways(order, platform)
    only_dropping(order, platform)
    found = {family: lines(order, family, state) for family in FAMILIES}
    if order.held and not any(found.values()):
        raise CannotExpress(
            f"{order.plans} cuts no IPv4 and no IPv6 addresses at this gateway",
            "see `sekisho contain preview`",
        )
    return found


def lines(order: Order, family: Family, state: Literal["kept", "none"]) -> list[Line]:
    """The list of a family; `state` is whether the platform knows sessions. Empty where nothing of this
    family is cut. Raises CannotExpress."""
    realm = order.gateway.realm
    flattened = flat(order)
    cut = [
        Line(
            f"drop-{n}",
            said(f"{one.plan} {one.what}"),
            accept=False,
            sources=ends[0],
            destinations=ends[1],
        )
        for n, one in enumerate(flattened.closings, 1)
        if (ends := _ends(one.sources, one.destinations, realm, family))
    ]
    if not cut:
        return []
    opened = [
        line for n, one in enumerate(flattened.openings, 1) for line in _opened(n, one, realm, family)
    ]
    answers = list(_answers(opened)) if state == "none" else []
    found = [*opened, *answers, *cut]
    total = sum(line.entries for line in found)
    if total > MAX_LINES:
        raise CannotExpress(
            f"the IPv{family} list of {order.gateway.name} would have {total:,} lines",
            f"at most {MAX_LINES:,}: keep fewer rules open, or sever wider",
        )
    return found


def only_both_ways(order: Order, platform: str) -> None:
    """Refuse what a list without state cannot say. Raises CannotExpress."""
    for held in order.held:
        if any(cut.initiated != "both" for cut in held.cuts):
            raise CannotExpress(
                f"{platform} cannot tell who began a session: {held.plan} cuts one direction only",
                "sever both directions, or put a gateway that keeps state on the link",
            )


def only_dropping(order: Order, platform: str) -> None:
    """Refuse sessions that may run out. Raises CannotExpress."""
    for held in order.held:
        if held.severed.restriction.existing == "drain" or held.severed.drained:
            raise CannotExpress(
                f"{platform} cannot let the open sessions of {held.plan} run out", NO_DRAIN
            )


def said(text: str) -> str:
    """Text as a comment on any platform."""
    return "".join(letter if letter in _SAFE else " " for letter in text.replace("<->", "to"))[
        :60
    ].strip()


def _ends(
    sources: Region, destinations: Region, realm: str, family: Family
) -> tuple[tuple[IPNetwork, ...], tuple[IPNetwork, ...]] | None:
    begin, end = (
        tuple(
            prefix for span in family_spans(region, realm, family) for prefix in prefixes(span, family)
        )
        for region in (sources, destinations)
    )
    return (begin, end) if begin and end else None


def _opened(n: int, one: Opening, realm: str, family: Family) -> Iterator[Line]:
    ends = _ends(one.sources, one.destinations, realm, family)
    if ends is None:
        return
    for part, (protocol, ports) in enumerate(_by_protocol(one.spans, one.name, family), 1):
        yield Line(
            f"keep-{n}-{part}",
            said(f"open: {one.name}"),
            accept=True,
            sources=ends[0],
            destinations=ends[1],
            protocol=protocol,
            destination_ports=ports,
        )


def _by_protocol(
    spans: Iterable[Span], name: str, family: Family
) -> Iterator[tuple[int | None, tuple[Range, ...]]]:
    found: dict[int, list[Range]] = {}
    for span in spans:
        for (first, last), ports in services(span):
            if (first, last) == (0, 255):
                yield None, ()
                return
            if last - first >= MAX_PROTOCOLS:
                raise CannotExpress(
                    f"{name} keeps {last - first + 1} protocols open, which would take a line each",
                    "name its services, or write `any`",
                )
            for protocol in range(first, last + 1):
                found.setdefault(protocol, []).append(ports)
    # ICMP of the other family: no packet of this one is it, and Aerleon would leave the line out.
    found.pop(ICMP6 if family == 4 else ICMP, None)
    for protocol, ranges in sorted(found.items()):
        yield protocol, () if ANY_PORT in ranges else tuple(ranges)


def _answers(opened: Iterable[Line]) -> Iterator[Line]:
    """Of every protocol: TCP's answers are told first, then that no TCP may begin, then the others."""
    whole: list[Line] = []
    for line in opened:
        back = replace(
            line,
            name=line.name.replace("keep", "answer"),
            sources=line.destinations,
            destinations=line.sources,
            source_ports=line.destination_ports,
            destination_ports=(),
        )
        if line.protocol is None:
            whole.append(back)
            yield replace(back, protocol=TCP, established=True)
        else:
            yield replace(back, established=line.protocol == TCP)
    for back in whole:
        number = back.name.removeprefix("answer-")
        yield replace(back, name=f"begin-{number}", accept=False, protocol=TCP)
        yield replace(back, name=f"other-{number}")
