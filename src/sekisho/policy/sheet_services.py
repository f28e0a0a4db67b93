"""Cells of an imported sheet that name services: as rules write them, or as firewalls do."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sekisho.model.protocols import NUMBERS, WITH_PORTS
from sekisho.model.services import PortRange
from sekisho.policy.language import Slip, Word
from sekisho.policy.services import read_services

Own = Mapping[str, tuple[PortRange, ...]]
Read = tuple[str, tuple[PortRange, ...], tuple[Slip, ...]]
"""Services as a rule writes them, their ranges, and what is wrong at which offset of the cell."""

_ANY = {"any", "all", "ip", "*", "any any"}
_PART = re.compile(r"[^,;|\n]+")
_PORTS = re.compile(r"\d+(?:\s*[-–:]\s*\d+)?")
_GLUED = re.compile(r"(tcp|udp|sctp)\s*[-_: /]?\s*(\d+(?:\s*[-–:]\s*\d+)?)", re.IGNORECASE)
_TURNED = re.compile(r"(\d+(?:\s*[-–]\s*\d+)?)\s*[/ ]\s*(tcp|udp|sctp)", re.IGNORECASE)


def service_words(text: str, protocol: str, own: Own) -> Read:
    """Services of one cell, separated by commas, semicolons, bars or line breaks.

    Beside services of rules: `443/tcp`, `TCP 443`, `TCP-443`. Bare ports take `protocol`, another
    cell's text, which may name several.
    """
    words: list[Word] = []
    slips: list[Slip] = []
    spoken = _protocols(protocol)
    for part in _parts(text):
        bare = _PORTS.fullmatch(part.text)
        if bare and spoken:
            ports = re.sub(r"\s*[-–:]\s*", "-", part.text)
            words += [Word(f"{name}/{ports}", part.offset) for name in spoken]
        elif bare:
            slips.append(
                Slip(
                    part.offset,
                    "service/bare-number",
                    f"`{part.text}` does not say its protocol",
                    f"write tcp/{part.text}, or fill a column `protocol`",
                )
            )
        else:
            words.append(Word(_plain(part.text), part.offset))
    ranges, more = read_services(words, own)
    names = dict.fromkeys(word.text for word in words)
    return ", ".join(names), ranges, (*slips, *more)


def protocol_words(text: str) -> Read:
    """All of the protocols in a cell."""
    words = [Word(_plain(part.text), part.offset) for part in _parts(text.replace("/", ","))]
    numbers = [Word(f"ip/{word.text}", word.offset) if word.text.isdigit() else word for word in words]
    ranges, slips = read_services(numbers, {})
    return ", ".join(dict.fromkeys(word.text for word in numbers)), ranges, slips


def _parts(text: str) -> list[Word]:
    found = []
    for part in _PART.finditer(text):
        stripped = part[0].strip()
        if stripped:
            found.append(Word(stripped, part.start() + len(part[0]) - len(part[0].lstrip())))
    return found


def _protocols(text: str) -> list[str]:
    """The protocols with ports that a cell names, by name or number."""
    found = []
    for word in re.findall(r"[a-z0-9]+", text.casefold()):
        number = int(word) if word.isdigit() and len(word) < 4 else NUMBERS.get(word)
        name = next((name for name, known in NUMBERS.items() if known == number), None)
        if number in WITH_PORTS and name is not None and name not in found:
            found.append(name)
    return found


def _plain(text: str) -> str:
    """One service as rules write it."""
    if text.casefold() in _ANY:
        return "any"
    for pattern, protocol, ports in ((_GLUED, 1, 2), (_TURNED, 2, 1)):
        found = pattern.fullmatch(text)
        if found:
            return f"{found[protocol].lower()}/" + re.sub(r"\s*[-–:]\s*", "-", found[ports])
    return re.sub(r"\s+", "-", text)
