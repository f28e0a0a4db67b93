"""Services as rules name them: `tcp/443`, `udp/500-510`, `icmp`, `any`, `gre`, `smb` …"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sekisho.inventory.located import did_you_mean
from sekisho.model import protocols
from sekisho.model.protocols import WITH_PORTS
from sekisho.model.services import SERVICES, PortRange
from sekisho.policy.language import Slip, Word
from sekisho.policy.ports import named, protocol_range

_PORTS = re.compile(r"(\d{1,6})(?:\s*[-–:]\s*(\d{1,6}))?")


def read_services(
    words: Sequence[Word], own: Mapping[str, tuple[PortRange, ...]]
) -> tuple[tuple[PortRange, ...], tuple[Slip, ...]]:
    """The port ranges that the words mean; `own` are the names that the workspace adds."""
    ranges: list[PortRange] = []
    slips: list[Slip] = []
    for position, word in enumerate(words):
        found = _read(word, own, words[:position])
        if isinstance(found, Slip):
            slips.append(found)
        else:
            ranges.extend(found)
    return tuple(dict.fromkeys(ranges)), tuple(slips)


def _read(
    word: Word, own: Mapping[str, tuple[PortRange, ...]], before: Sequence[Word]
) -> tuple[PortRange, ...] | Slip:
    text = word.text
    name = text.casefold()
    if name == "any":
        return (PortRange(None),)
    if name in own:
        return own[name]
    known = named(name)
    if known is not None:
        return known
    protocol, slash, ports = name.partition("/")
    if not slash:
        return _protocol(word, own, before)
    if protocol in ("ip", "proto"):
        return _number(word, ports)
    if protocol not in protocols.NUMBERS:
        return Slip(
            word.offset,
            "service/unknown",
            f"`{protocol[:60]}` is no protocol",
            _reversed(name) or did_you_mean(protocol, protocols.NUMBERS),
        )
    number = protocols.NUMBERS[protocol]
    if number not in WITH_PORTS:
        return Slip(word.offset, "service/no-ports", f"{protocol} has no ports", f"write `{protocol}`")
    return _ports(word, number, protocol, ports)


def _ports(word: Word, number: int, protocol: str, ports: str) -> tuple[PortRange, ...] | Slip:
    at = word.offset + len(protocol) + 1
    if ports in ("*", "any", ""):
        return Slip(
            at, "service/ports", f"`{word.text}` names no ports", f"write `{protocol}` for all ports"
        )
    found = _PORTS.fullmatch(ports)
    if not found:
        mend = (
            f"write `{ports}`" if ports in SERVICES else f"write {protocol}/443 or {protocol}/500-510"
        )
        return Slip(at, "service/ports", f"`{ports[:60]}` is no port", mend)
    low = int(found[1])
    high = int(found[2]) if found[2] else low
    if low > 65535 or high > 65535:
        return Slip(at, "service/ports", f"there is no port {max(low, high)}", "ports end at 65535")
    if low > high:
        return Slip(
            at, "service/ports", f"{low}-{high} runs backwards", f"write {protocol}/{high}-{low}"
        )
    return (PortRange(number, low, high),)


def _protocol(
    word: Word, own: Mapping[str, tuple[PortRange, ...]], before: Sequence[Word]
) -> tuple[PortRange, ...] | Slip:
    name = word.text.casefold()
    if name in protocols.NUMBERS:
        return (protocol_range(protocols.NUMBERS[name]),)
    if re.fullmatch(r"\d+(-\d+)?", name):
        last = next((w.text.casefold() for w in reversed(before) if "/" in w.text), "")
        if last or "-" in name or int(name) > 255:
            # Right after ports a bare number is meant as a port, and would silently be a protocol.
            label = last.partition("/")[0] or "tcp"
            return Slip(
                word.offset,
                "service/bare-number",
                f"`{name}` does not say its protocol",
                f"write {label}/{name}" + (f"; ip/{name} is the protocol" if name.isdigit() else ""),
            )
        return _number(word, name)
    choices = [*own, *SERVICES, *protocols.NUMBERS, "any"]
    return Slip(
        word.offset,
        "service/unknown",
        f"there is no service `{word.text[:60]}`",
        did_you_mean(name, choices, "write tcp/443, udp/500-510, icmp, any or a named service"),
    )


def _number(word: Word, text: str) -> tuple[PortRange, ...] | Slip:
    if text.isdigit() and len(text) < 4 and int(text) <= 255:
        return (protocol_range(int(text)),)
    return Slip(
        word.offset,
        "service/unknown",
        f"`{word.text[:60]}` is no protocol number",
        "protocols are numbered 0 to 255; write tcp/443 for a port",
    )


def _reversed(text: str) -> str:
    port, _, protocol = text.partition("/")
    return f"write {protocol}/{port}" if port.isdigit() and protocol in protocols.NUMBERS else ""
