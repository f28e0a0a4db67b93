"""nftables: one table of our own, replaced in one transaction.

Named sets of concatenated ranges, so that a packet costs as much with five thousand rules as with fifty.
The chains stand before the usual filter chains and know no `established` that lets open sessions pass:
these end with the first packet. Accepting here only means that other tables decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, summarize_address_range

from sekisho.contain.backends.base import CannotExpress, Rendered
from sekisho.contain.boxes import Box, disjoint, minus
from sekisho.contain.orders import ANY_PORT, Exempt, Held, Order, kept_boxes, pairs, service_boxes
from sekisho.contain.regions import Family, Region

_FAMILIES: tuple[Family, ...] = (4, 6)
_IP = {4: "ip", 6: "ip6"}
_ADDRESS = {4: "ipv4_addr", 6: "ipv6_addr"}
_LOG = "limit rate 5/second burst 10 packets log prefix"
MAX_ELEMENTS = 200_000
"""Elements of one set. A text beyond that takes a gateway longer to load than anybody waits."""


class Nftables:
    """The `nftables` platform."""

    def render(self, order: Order) -> Rendered:
        """The text for `nft -f`. Without restrictions it leaves an empty table: nothing is cut."""
        name = order.gateway.name
        parts = [_Restriction(held, order.gateway.realm) for held in order.held]
        sets = [line for part in parts for line in part.sets()]
        sets += _exempt_sets() if parts else ()
        chains = [line for part in parts for line in part.chains()]
        table = order.name.replace("-", "_")
        lines = [
            "#!/usr/sbin/nft -f",
            f"# sekisho: restrictions of gateway {name}, plans: {order.plans}.",
            "# The whole table is replaced at once; nothing else on this gateway is touched.",
            f"table inet {table}",
            f"delete table inet {table}",
            f"table inet {table} {{",
            *sets,
            *chains,
            *_judge(parts),
            *(line for hook in ("forward", "input", "output") for line in _base(hook)),
            "}",
            "",
        ]
        return Rendered(name, "\n".join(lines), ".nft")


def _base(hook: str) -> Iterator[str]:
    yield f"\tchain {hook} {{"
    yield f"\t\ttype filter hook {hook} priority filter - 10; policy accept;"
    yield "\t\tjump judge"
    yield "\t}"


def _judge(parts: Sequence[_Restriction]) -> Iterator[str]:
    yield "\tchain judge {"
    if parts:
        # Without these no neighbour on the same link could be reached, nor a path's size be learned.
        yield (
            "\t\ticmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert,"
            " nd-router-solicit } ip6 hoplimit 255 accept"
        )
        yield "\t\tct state related icmp type destination-unreachable icmp code frag-needed accept"
        yield "\t\tct state related icmpv6 type packet-too-big accept"
        for family in _FAMILIES:
            yield from (f"\t\t{line} accept" for line in _tuple_lines("exempt", family))
    for part in parts:
        yield f"\t\tjump {part.name}"
    yield "\t}"


class _Restriction:
    """The sets and chains of one plan."""

    def __init__(self, held: Held, realm: str) -> None:
        self.held, self.realm = held, realm
        self.name = held.plan.replace("-", "").lower()
        self._sets: dict[str, list[str]] = {}
        self._has: set[str] = set()
        for family in _FAMILIES:
            self._collect(family)
        if not any(
            f"cut{family}" in self._has or f"begun{family}" in self._has for family in _FAMILIES
        ):
            raise CannotExpress(
                f"{held.plan} cuts no IPv4 and no IPv6 addresses at this gateway",
                "see `sekisho contain preview`",
            )

    def _collect(self, family: Family) -> None:
        both: list[Box] = []
        begun: list[Box] = []
        for cut in self.held.cuts:
            into = both if cut.initiated == "both" else begun
            for source, destination in cut.ways():
                into.extend(pairs(source, destination, self.realm, family))
        kept = list(kept_boxes(self.held, self.realm, family))
        address = _ADDRESS[family]
        two, three = f"{address} . {address}", f"{address} . {address} . inet_proto"
        self._add(f"cut{family}", two, disjoint(both), family)
        self._add(f"begun{family}", two, disjoint(begun), family)
        whole = [box[:3] for box in kept if box[3] == ANY_PORT]
        self._add(f"keepall{family}", three, disjoint(whole), family)
        ported = [box for box in kept if box[3] != ANY_PORT]
        self._add(f"keep{family}", f"{three} . inet_service", disjoint(ported), family)
        for which, region in (
            ("drained", self.held.severed.drained),
            ("dropped", self.held.severed.dropped),
        ):
            self._add(f"{which}{family}", address, _ends(region, self.realm, family), family)

    def _add(self, which: str, type_: str, boxes: Sequence[Box], family: Family) -> None:
        if not boxes:
            return
        self._has.add(which)
        self._sets[which] = list(_set(f"{self.name}_{which}", type_, boxes, family))

    def sets(self) -> Iterator[str]:
        """Counters and sets."""
        for counter in ("cut", "kept", "drained"):
            yield f"\tcounter {self.name}_{counter} {{ }}"
        for lines in self._sets.values():
            yield from lines

    def chains(self) -> Iterator[str]:
        """What is kept returns to the next restriction, which may cut it still."""
        name = self.name
        yield f"\tchain {name} {{"
        for family in _FAMILIES:
            for which in ("keep", "keepall"):
                if f"{which}{family}" in self._has:
                    for line in _tuple_lines(f"{name}_{which}", family, ports=which == "keep"):
                        yield f"\t\t{line} counter name {name}_kept return"
        if self._drains:
            yield f"\t\tct state established,related goto {name}_open"
        yield f"\t\tgoto {name}_cut"
        yield "\t}"
        if self._drains:
            yield from self._open()
        yield f"\tchain {name}_cut {{"
        for family in _FAMILIES:
            yield from (f"\t\t{line}" for line in self._cutting(family))
        yield "\t}"
        yield f"\tchain {name}_drop {{"
        yield f'\t\t{_LOG} "sekisho {self.held.plan} "'
        yield f"\t\tcounter name {name}_cut drop"
        yield "\t}"

    @property
    def _drains(self) -> bool:
        return self.held.severed.restriction.existing == "drain" or bool(
            {"drained4", "drained6"} & self._has
        )

    def _open(self) -> Iterator[str]:
        name = self.name
        yield f"\tchain {name}_open {{"
        for which, verdict in (("dropped", f"goto {name}_cut"), ("drained", "return")):
            counted = f"counter name {name}_drained " if which == "drained" else ""
            for family in _FAMILIES:
                if f"{which}{family}" in self._has:
                    for end in ("saddr", "daddr"):
                        yield f"\t\t{_IP[family]} {end} @{name}_{which}{family} {counted}{verdict}"
        if self.held.severed.restriction.existing == "drain":
            yield f"\t\tcounter name {name}_drained return"
        yield f"\t\tgoto {name}_cut"
        yield "\t}"

    def _cutting(self, family: Family) -> Iterator[str]:
        ip, drop = _IP[family], f"goto {self.name}_drop"
        if f"cut{family}" in self._has:
            yield f"{ip} saddr . {ip} daddr @{self.name}_cut{family} {drop}"
        if f"begun{family}" in self._has:
            forth = f"{ip} saddr . {ip} daddr @{self.name}_begun{family}"
            back = f"{ip} daddr . {ip} saddr @{self.name}_begun{family}"
            yield f"{forth} ct direction original {drop}"
            yield f"{back} ct direction reply {drop}"
            # Of a packet that belongs to no known session nobody can say who began it; nor of a TCP
            # session that was open before this gateway followed any.
            for unknown in (
                "ct state invalid,untracked",
                "ct state new tcp flags & (syn | ack) != syn",
            ):
                yield f"{unknown} {forth} {drop}"
                yield f"{unknown} {back} {drop}"


def _tuple_lines(name: str, family: Family, *, ports: bool = True) -> Iterator[str]:
    """Both ways of a session whose first packet the set names: who answers may not begin."""
    ip = _IP[family]
    there, back = f"{ip} saddr . {ip} daddr . meta l4proto", f"{ip} daddr . {ip} saddr . meta l4proto"
    dport, sport = (" . th dport", " . th sport") if ports else ("", "")
    yield f"{there}{dport} @{name}{family} ct direction original"
    yield f"{back}{sport} @{name}{family} ct direction reply"


def _set(name: str, type_: str, boxes: Iterable[Box], family: Family) -> Iterator[str]:
    elements = [_element(box, family) for box in boxes]
    if len(elements) > MAX_ELEMENTS:
        raise CannotExpress(
            f"the set {name} would have {len(elements):,} elements",
            f"at most {MAX_ELEMENTS:,}: keep fewer rules open, or sever wider",
        )
    yield f"\tset {name} {{"
    yield f"\t\ttype {type_}"
    yield "\t\tflags interval"
    yield "\t\telements = {"
    yield from (f"\t\t\t{element}," for element in elements[:-1])
    yield f"\t\t\t{elements[-1]}"
    yield "\t\t}"
    yield "\t}"


def _element(box: Box, family: Family) -> str:
    words = [_addresses(span, family) for span in box[:2]]
    words += [_numbers(span) for span in box[2:]]
    return " . ".join(words)


def _addresses(span: tuple[int, int], family: Family) -> str:
    kind = IPv4Address if family == 4 else IPv6Address
    first, last = kind(span[0]), kind(span[1])
    if first == last:
        return str(first)
    networks = list(summarize_address_range(first, last)) if _may_be_prefix(span) else []
    return str(networks[0]) if len(networks) == 1 else f"{first}-{last}"


def _may_be_prefix(span: tuple[int, int]) -> bool:
    size = span[1] - span[0] + 1
    return size & (size - 1) == 0 and span[0] % size == 0


def _numbers(span: tuple[int, int]) -> str:
    return str(span[0]) if span[0] == span[1] else f"{span[0]}-{span[1]}"


def _ends(region: Region, realm: str, family: Family) -> list[Box]:
    return [(span,) for span in region.of(realm, family)]


def _exempt_sets() -> Iterator[str]:
    """Empty: what is in them is told by itself, closes itself, and does not come back with a reboot."""
    for family in _FAMILIES:
        address = _ADDRESS[family]
        yield f"\tset exempt{family} {{"
        yield f"\t\ttype {address} . {address} . inet_proto . inet_service"
        yield "\t\tflags interval,timeout"
        yield "\t}"


def exempted(exempt: Iterable[Exempt], realm: str, now: datetime) -> str:
    """The text for `nft -f` that fills the sets of a table of restrictions that is there: all that is exempt
    at `now` (aware UTC) among addresses of `realm`."""
    # The longest first: what overlaps it is open for as long.
    still = sorted((one for one in exempt if one.until > now), key=lambda one: one.until, reverse=True)
    lines = []
    for family in _FAMILIES:
        lines.append(f"flush set inet sekisho exempt{family}")
        taken: list[Box] = []
        for one in still:
            left = max(1, int((one.until - now).total_seconds()))
            for box in service_boxes(one.sources, one.destinations, one.spans, realm, family):
                for piece in _beyond(box, taken):
                    element = f"{_element(piece, family)} timeout {left}s"
                    lines.append(f"add element inet sekisho exempt{family} {{ {element} }}")
                    taken.append(piece)
    return "\n".join(lines) + "\n"


def _beyond(box: Box, taken: Iterable[Box]) -> list[Box]:
    pieces = [box]
    for other in taken:
        pieces = [left for piece in pieces for left in minus(piece, other)]
    return pieces
