"""Firewall filters read as Junos reads them: first term that matches, then nothing passes."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

from tests.contain.backends.packets import Packet

_TOKEN = re.compile(r"/\*.*?\*/|[{};\[\]]|[^\s{};\[\]]+", re.DOTALL)
_PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "icmp6": 58}


def reads(text: str) -> Callable[[Packet], bool]:
    """Whether a packet passes the filter of its family."""
    tokens = [token for token in _TOKEN.findall(text) if not token.startswith("/*")]
    filters: dict[int, list[Any]] = {}
    for words, body in _block(tokens):
        assert words == ["firewall"]
        for (_, inet), inner in body:
            for (*_, name), terms in inner:
                assert name == f"sekisho-{6 if inet == 'inet6' else 4}"
                filters[6 if inet == "inet6" else 4] = [
                    ({w[0]: (w[1:], b) for w, b in body_}, words_[1])
                    for words_, body_ in terms
                    if words_[0] == "term"
                ]
    assert set(filters) == {4, 6}

    def passes(packet: Packet) -> bool:
        for term, _ in filters[packet.src.version]:
            if "from" not in term or all(_matches(one, packet) for one in term["from"][1]):
                words, body = term["then"]
                return "accept" in words or any("accept" in said for said, _ in body or [])
        return False

    return passes


def _block(tokens: list[str]) -> list[tuple[list[str], Any]]:
    found: list[tuple[list[str], Any]] = []
    words: list[str] = []
    while tokens:
        token = tokens.pop(0)
        if token == "}":
            return found
        if token in "{;":
            found.append((words, _block(tokens) if token == "{" else None))
            words = []
        elif token not in "[]":
            words.append(token)
    return found


def _matches(one: tuple[list[str], Any], packet: Packet) -> bool:
    (what, *values), body = one
    match what:
        case "source-address" | "destination-address":
            address = packet.src if what.startswith("source") else packet.dst
            return any(address in ip_network(words[0]) for words, _ in body)
        case "protocol" | "next-header" | "payload-protocol":
            return packet.protocol in {_PROTOCOLS.get(value) or int(value) for value in values}
        case "source-port" | "destination-port":
            port = packet.sport if what.startswith("source") else packet.dport
            ranges = [(value.split("-") * 2)[:2] for value in values]
            return any(int(low) <= port <= int(high) for low, high in ranges)
        case "tcp-established":
            return not packet.begins
        case "icmp-type":
            return False
    raise AssertionError(what)
