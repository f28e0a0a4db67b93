"""The service of a proposed rule: observed ports under the name that people know them by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sekisho.model import protocols
from sekisho.model.protocols import ICMP, ICMP6, WITH_PORTS
from sekisho.model.services import PortRange, Service, service_of
from sekisho.policy.language import Word
from sekisho.policy.ports import covers, key, service_at, spans_of, union
from sekisho.policy.screening import EPHEMERAL
from sekisho.policy.services import read_services

Own = Mapping[str, tuple[PortRange, ...]]
"""Service names that the workspace adds."""
LEAST_DYNAMIC = 3
"""Different dynamic ports of one registered range before the range is named."""


def unit_of(protocol: int, port: int, own: Own) -> str:
    """Which rule of a pair of sites a port goes into: its service, else itself; dynamic ports of one
    protocol go together."""
    named = _own_of(protocol, port, own)
    service = service_of(protocol, port)
    if named is not None:
        return named
    if service is not None:
        return service.name
    if protocol not in WITH_PORTS:
        return protocols.name(protocol)
    name = protocols.name(protocol)
    return f"{name}-dynamic" if port >= EPHEMERAL else f"{name}-{port}"


def written(ports: Iterable[tuple[int, int]], own: Own) -> tuple[str, tuple[PortRange, ...]]:
    """Services as a rule writes them, and their ranges, that cover (protocol, port) pairs and no more.

    A name stands for its ports only where all of them were seen. One exception: several dynamic ports
    within a range that the workspace registered under a name of its own become that name.
    """
    keys = {key(protocol, port) for protocol, port in ports}
    words: list[str] = []
    for name in sorted(own):
        spans = spans_of(own[name])
        inside = {k for k in keys if covers(spans, k)}
        dynamic = inside and all((first & 0xFFFF) >= EPHEMERAL for first, _ in spans)
        if inside and (len(inside) >= LEAST_DYNAMIC if dynamic else _full(own[name], inside)):
            words.append(name)
            keys -= inside
    for service in _services(keys):
        inside = {k for k in keys if any(r.covers(*service_at(k)) for r in service.ranges)}
        if service.name == "icmp" or _full(service.ranges, inside):
            words.append(service.name)
            keys -= inside
    words += [_word(*span) for span in union((k, k) for k in keys)]
    ranges, slips = read_services([Word(word, 0) for word in words], own)
    if slips:
        raise ValueError(f"{words} do not read back: {slips[0].message}")
    return ", ".join(words), ranges


def _services(keys: Iterable[int]) -> Sequence[Service]:
    found = {s.name: s for k in sorted(keys) if (s := service_of(*service_at(k))) is not None}
    return [found[name] for name in sorted(found)]


def _full(ranges: Sequence[PortRange], seen: set[int]) -> bool:
    """Whether every port of the ranges was seen."""
    return sum(last - first + 1 for first, last in spans_of(ranges)) == len(seen)


def _own_of(protocol: int, port: int, own: Own) -> str | None:
    found = [
        (part.high - part.low, name)
        for name, ranges in own.items()
        for part in ranges
        if part.covers(protocol, port)
    ]
    return min(found)[1] if found else None


def _word(first: int, last: int) -> str:
    protocol, low = service_at(first)
    if protocol in (ICMP, ICMP6):
        return "icmp"
    name = protocols.NAMES.get(protocol)
    if protocol not in WITH_PORTS or name is None:
        return name or f"ip/{protocol}"
    high = last & 0xFFFF
    return f"{name}/{low}" if low == high else f"{name}/{low}-{high}"
