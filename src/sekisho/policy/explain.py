"""Why the register judges a connection as it does: where its ends lie, which rules speak of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field

from sekisho.errors import RequestError
from sekisho.inventory.register import Inventory, Placement
from sekisho.model import protocols
from sekisho.model.addresses import IPAddress, address_of, bounds, halves, number, parse_address
from sekisho.model.findings import Document, NearestRule, Realm, Time
from sekisho.model.protocols import WITH_PORTS
from sekisho.model.rules import Rule
from sekisho.model.services import PortRange, service_label
from sekisho.model.sites import DatedPrefix
from sekisho.model.verdicts import Rank, Verdict
from sekisho.policy.judge import End, Judge
from sekisho.policy.language import Word
from sekisho.policy.nearest import nearest, not_valid, proposed, retroactive
from sekisho.policy.services import read_services
from sekisho.policy.timeline import effective, known

_OF_FAMILY = {1: 4, 58: 6}
"""ICMP and ICMPv6: `icmp` in a register is both."""
MOST = 50
"""Rules and pairs of ends that are shown at most."""


class EndTrace(Document):
    """Where an end lay at that time."""

    address: str
    realm: Realm = None
    scope: str
    asset: str | None = None
    site: str | None = None
    groups: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()


class RuleTrace(Document):
    """A rule that names both ends and the service; `why_not` is None where it permits. `recertified` says by
    site when its owner last confirmed it as it stands (RFC 3339)."""

    id: str
    allow: str
    why_not: str | None
    owner: str
    ticket: str
    file: str
    line: int
    recertified: dict[str, str] = Field(default_factory=dict, exclude_if=lambda v: not v)


class Trace(Document):
    """One connection at one time."""

    src: EndTrace
    dst: EndTrace
    protocol: str
    port: int
    service: str
    verdict: Verdict
    rules: tuple[RuleTrace, ...]
    nearest: NearestRule | None
    because: str


class PolicyExplanation(Document):
    """`sekisho policy explain`: every pair of ends that was asked about, as far as shown."""

    schema_: Literal["sekisho.policy-explanation/1"] = Field(
        default="sekisho.policy-explanation/1", alias="schema"
    )
    at: Time
    asked: str
    traces: tuple[Trace, ...]
    notes: tuple[str, ...] = ()


def trace(judge: Judge, src: End, dst: End, protocol: int, port: int, at: datetime) -> Trace:
    """The verdict of an established flow, and what it rests on. `at` is aware UTC."""
    verdict = judge.verdict(src, dst, protocol, port, at).verdict
    source, destination = judge.labels.of(*src, at), judge.labels.of(*dst, at)
    fixed = isinstance(judge.pair(source, destination), Rank)
    rules: list[RuleTrace] = []
    closest = None
    if not fixed:
        mask = judge.masks(source)[0] & judge.masks(destination)[1] & judge.serving(protocol, port)
        rules = [_rule(rule, at) for rule in judge.rules_in(mask)][:MOST]
        if verdict != "authorized":
            found = nearest(judge, src, dst, protocol, port, at)
            closest = NearestRule(id=found[0], why_not=found[1]) if found else None
    first, second = _end(judge.inventory, src, at), _end(judge.inventory, dst, at)
    return Trace(
        src=first,
        dst=second,
        protocol=protocols.name(protocol),
        port=port,
        service=service_label(protocol, port),
        verdict=verdict,
        rules=tuple(rules),
        nearest=closest,
        because=_because(verdict, first, second, rules, fixed=fixed),
    )


def _rule(rule: Rule, at: datetime) -> RuleTrace:
    span = effective(rule)
    if span is not None and span.holds(at):
        why_not = None
    elif rule.state == "proposed":
        why_not = proposed(rule)
    elif not known(rule, at):
        why_not = retroactive(rule)
    else:
        why_not = not_valid(rule, at)
    return RuleTrace(
        id=rule.id,
        allow=rule.allow,
        why_not=why_not,
        owner=rule.owner,
        ticket=rule.ticket,
        file=rule.file,
        line=rule.line,
    )


def _end(inventory: Inventory, end: End, at: datetime) -> EndTrace:
    realm, address = end
    place: Placement = inventory.place(realm, address, at)
    return EndTrace(
        address=str(address),
        realm=realm or None,
        scope=place.scope,
        asset=place.asset.hostname if place.asset else None,
        site=place.site,
        groups=place.groups,
        zones=place.zones,
    )


def _because(
    verdict: Verdict, src: EndTrace, dst: EndTrace, rules: Iterable[RuleTrace], *, fixed: bool
) -> str:
    if fixed:
        match verdict:
            case "intra_site":
                return f"both ends are in {src.site or dst.site or 'the same place'}"
            case "external":
                outside = src if src.site is None else dst
                return f"{outside.address} is outside, and its other end's site only observes that"
            case _:
                lost = [end.address for end in (src, dst) if end.site is None]
                return f"{' and '.join(lost) or 'an end'} belongs to no site"
    permitting = [rule.id for rule in rules if rule.why_not is None]
    if permitting:
        return f"{', '.join(permitting[:5])} permits it"
    named = [rule.id for rule in rules]
    if named:
        return f"{', '.join(named[:5])} names it, but did not hold then"
    return "no rule names both ends and the service"


def explain(judge: Judge, src: str, dst: str, service: str, at: datetime) -> PolicyExplanation:
    """What the register says of connections between two ends as a person writes them.

    An end is an address (`realm:address` in another realm), a hostname of assets.csv, a group or a
    site; of the latter every kind of address that the register tells apart is one case. Raises
    RequestError for what names nothing.
    """
    ranges = _services(service, judge.policy.services)
    sources, destinations = _ends(judge, src, at), _ends(judge, dst, at)
    traces = [
        trace(judge, a, b, protocol, port, at)
        for protocol, port in ranges
        for a in sources
        for b in destinations
        if _joins(a, b, protocol)
    ][: MOST + 1]
    if not traces:
        raise RequestError(f"no flow of {service} joins {src} and {dst}: one is IPv4, the other IPv6")
    notes = [f"only the first {MOST} cases are shown"] if len(traces) > MOST else []
    if len(traces) > 1:
        verdicts = sorted({found.verdict for found in traces})
        notes.insert(0, f"several cases: {', '.join(verdicts)}")
    return PolicyExplanation(
        at=at, asked=f"{src} -> {dst} : {service}", traces=tuple(traces[:MOST]), notes=tuple(notes)
    )


def _joins(src: End, dst: End, protocol: int) -> bool:
    """Whether both ends are of one family, and the protocol is none of the other's."""
    version = src[1].version
    return version == dst[1].version and _OF_FAMILY.get(protocol, version) == version


def _services(text: str, own: Mapping[str, tuple[PortRange, ...]]) -> list[tuple[int, int]]:
    """(protocol, port) of each range that the text names, its first port."""
    found, slips = read_services([Word(part.strip(), 0) for part in text.split(",")], own)
    if slips or not found or any(one.protocol is None for one in found):
        raise RequestError(
            f"{text!r} is no single service: {slips[0].message if slips else 'name one'}",
            "write tcp/443, udp/53, icmp, or a named service such as smb",
        )
    return [(one.protocol or 0, one.low if one.protocol in WITH_PORTS else 0) for one in found]


def _ends(judge: Judge, text: str, at: datetime) -> list[End]:
    """One address of each class that the text means at that time."""
    inventory = judge.inventory
    realm, colon, rest = text.partition(":")
    for name, word in (("", text), (realm, rest) if colon else ("", text)):
        address = _address(word)
        if address is not None and name in inventory.realms:
            return [(name, address)]
    rows = inventory.hostnames.get(text.removeprefix("asset:").casefold(), ())
    current = [row for row in rows if row.validity.holds(at)]
    if current:
        return [(row.realm, row.address) for row in current]
    if text in inventory.groups:
        group = inventory.groups[text]
        found = _cases(judge, inventory.sites[group.site].realm, group.members, at)
    elif text.removesuffix("/*") in inventory.sites:
        site = inventory.sites[text.removesuffix("/*")]
        found = _cases(judge, site.realm, site.prefixes, at)
        found = [end for end in found if inventory.place(*end, at).site == site.name]
    else:
        mend = "write an address, a hostname of assets.csv, a group or a site"
        raise RequestError(f"{text!r} names no end", mend)
    if not found:
        raise RequestError(f"{text!r} has no addresses at that time", "see its `from` and `until`")
    return found


def _cases(judge: Judge, realm: str, prefixes: Iterable[DatedPrefix], at: datetime) -> list[End]:
    """An address of every class within the prefixes: classes change only where some prefix begins or
    ends."""
    inside = [bounds(d.prefix) for d in prefixes if d.validity.holds(at)]
    edges = {first for first, _ in inside}
    edges |= {
        edge
        for first, last in _boundaries(judge, realm)
        for edge in (first, last + 1)
        if any(low <= edge <= high for low, high in inside)
    }
    cases: dict[int, End] = {}
    for edge in sorted(edges):
        end = (realm, address_of(*halves(edge)))
        cases.setdefault(judge.labels.of(*end, at), end)
    return list(cases.values())


def _boundaries(judge: Judge, realm: str) -> Iterator[tuple[int, int]]:
    inventory = judge.inventory
    for site in inventory.sites.values():
        if site.realm == realm:
            yield from (bounds(d.prefix) for d in site.prefixes)
    for group in inventory.groups.values():
        if inventory.sites[group.site].realm == realm:
            yield from (bounds(d.prefix) for d in group.members)
    for asset in inventory.assets:
        if asset.realm == realm:
            yield number(asset.address), number(asset.address)
    for rule in judge.policy.rules:
        for selector in (*rule.sources, *rule.destinations):
            if selector.prefix is not None and selector.realm == realm:
                yield bounds(selector.prefix)


def _address(text: str) -> IPAddress | None:
    try:
        return parse_address(text)
    except ValueError:
        return None
