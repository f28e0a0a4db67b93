"""Sets of services as spans of numbers: `protocol * 65536 + port`.

A protocol without ports takes its whole 65536, so that `any` is one span and the algebra is plain.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from operator import itemgetter

from sekisho.model.protocols import ICMP, ICMP6, WITH_PORTS
from sekisho.model.services import SERVICES, PortRange

Span = tuple[int, int]
"""First and last key, both included."""
LAST = (255 << 16) | 0xFFFF
_LAST_OF = itemgetter(1)


def key(protocol: int, port: int) -> int:
    """The key of one connection's service."""
    return (protocol << 16) | port


def spans_of(ranges: Iterable[PortRange]) -> tuple[Span, ...]:
    """The keys that the ranges cover, disjoint, neighbours joined, in order."""
    found = []
    for part in ranges:
        if part.protocol is None:
            found.append((0, LAST))
        elif part.protocol in WITH_PORTS:
            found.append((key(part.protocol, part.low), key(part.protocol, part.high)))
        else:
            found.append((key(part.protocol, 0), key(part.protocol, 0xFFFF)))
    return union(found)


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same keys as disjoint spans in order."""
    result: list[Span] = []
    for first, last in sorted(spans):
        if result and first <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return tuple(result)


def covers(spans: Sequence[Span], value: int) -> bool:
    """Whether the key lies in one of the spans; disjoint and in order."""
    at = bisect_left(spans, value, key=_LAST_OF)
    return at < len(spans) and spans[at][0] <= value


def minus(spans: Sequence[Span], other: Sequence[Span]) -> tuple[Span, ...]:
    """The keys of `spans` that are not in `other`; both disjoint and in order."""
    result: list[Span] = []
    for first, last in spans:
        begin = first
        for at in range(bisect_left(other, first, key=_LAST_OF), len(other)):
            low, high = other[at]
            if low > last:
                break
            if low > begin:
                result.append((begin, low - 1))
            begin = high + 1
        if begin <= last:
            result.append((begin, last))
    return tuple(result)


def meet(spans: Sequence[Span], other: Sequence[Span]) -> tuple[Span, ...]:
    """The keys in both; both disjoint and in order."""
    if len(spans) > len(other):
        spans, other = other, spans
    result: list[Span] = []
    for first, last in spans:
        for at in range(bisect_left(other, first, key=_LAST_OF), len(other)):
            low, high = other[at]
            if low > last:
                break
            result.append((max(first, low), min(last, high)))
    return tuple(result)


def touch(spans: Sequence[Span], other: Sequence[Span]) -> bool:
    """Whether any key is in both; both disjoint and in order."""
    if len(spans) > len(other):
        spans, other = other, spans
    for first, last in spans:
        at = bisect_left(other, first, key=_LAST_OF)
        if at < len(other) and other[at][0] <= last:
            return True
    return False


def within(spans: Sequence[Span], other: Sequence[Span]) -> bool:
    """Whether every key of `spans` is in `other`."""
    return not minus(spans, other)


def size(spans: Iterable[Span], protocol: int) -> int:
    """How many ports of one protocol the spans hold."""
    low, high = key(protocol, 0), key(protocol, 0xFFFF)
    return sum(max(0, min(last, high) - max(first, low) + 1) for first, last in spans)


def service_at(value: int) -> tuple[int, int]:
    """Protocol and port of a key; the port of a protocol without ports is 0."""
    protocol = value >> 16
    return protocol, value & 0xFFFF if protocol in WITH_PORTS else 0


def describe(spans: Sequence[Span]) -> str:
    """The spans as a person writes services: `tcp/443, udp/500-510, icmp`, or `any`."""
    if union(spans) == ((0, LAST),):
        return "any"
    words: list[str] = []
    for first, last in spans:
        protocol = first >> 16
        while protocol <= last >> 16:
            low = max(first, key(protocol, 0)) & 0xFFFF
            high = min(last, key(protocol, 0xFFFF)) & 0xFFFF
            words.append(str(PortRange(protocol, low, high)))
            protocol += 1
    if "icmp" in words and "icmp6" in words:
        words.remove("icmp6")
    return _shortened(words)


def _shortened(words: list[str]) -> str:
    shown = ", ".join(words[:6])
    return shown + (f" and {len(words) - 6} more" if len(words) > 6 else "")


def named(text: str) -> tuple[PortRange, ...] | None:
    """The port ranges of a built-in service name in any case, or None. `icmp` is both families."""
    name = text.casefold()
    if name == "icmp":
        return (PortRange(ICMP, 0, 0), PortRange(ICMP6, 0, 0))
    service = SERVICES.get(name)
    return service.ranges if service else None


def protocol_range(number: int) -> PortRange:
    """All of one protocol."""
    return PortRange(number, 0, 0xFFFF if number in WITH_PORTS else 0)


def one(protocol: int, port: int) -> str:
    """One service as text: `tcp/445`, `icmp`."""
    return str(PortRange(protocol, port, port))
