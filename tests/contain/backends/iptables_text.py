"""iptables-restore text read as the kernel reads it, for packets whose session is known."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from ipaddress import ip_network

from tests.contain.backends.packets import Packet

_PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "ipv6-icmp": 58}


def reads(text: str, direction: str = "ORIGINAL") -> Callable[[Packet], bool]:
    """Whether the chain of a packet's family returns it; `direction` is that of every packet."""
    rules: dict[int, list[list[str]]] = {}
    family = 0
    for line in text.splitlines():
        if "-restore " in line:
            family = 6 if line.startswith("ip6") else 4
            rules[family] = []
        elif line.startswith("-A sekisho "):
            rules[family].append(shlex.split(line)[2:])
        elif line.startswith("-A "):
            assert line.startswith("-A sekisho-drop ")
    assert set(rules) == {4, 6}

    def passes(packet: Packet) -> bool:
        for rule in rules[packet.src.version]:
            if _matches(rule, packet, direction):
                assert rule[-1] in ("RETURN", "sekisho-drop")
                return rule[-1] == "RETURN"
        return True

    return passes


def _matches(rule: list[str], packet: Packet, direction: str) -> bool:
    words = iter(rule)
    for word in words:
        value = next(words)
        match word:
            case "-s" | "-d":
                fits = (packet.src if word == "-s" else packet.dst) in ip_network(value)
            case "-p":
                fits = packet.protocol == (_PROTOCOLS.get(value) or int(value))
            case "--dports" | "--sports":
                port = packet.dport if word == "--dports" else packet.sport
                ranges = [(one.split(":") * 2)[:2] for one in value.split(",")]
                assert sum(1 if low == high else 2 for low, high in ranges) <= 15
                fits = any(int(low) <= port <= int(high) for low, high in ranges)
            case "--ctdir":
                fits = value == direction
            case "--ctstate" | "--icmp-type" | "--icmpv6-type":
                fits = False
            case "-m" | "-j" | "--hl-eq":
                fits = True
            case _:
                raise AssertionError(word)
        if not fits:
            return False
    return True
