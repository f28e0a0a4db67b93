"""Access lists read as a router reads them: first entry that matches, then nothing passes."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from tests.contain.backends.packets import Packet

_PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58, "icmp6": 58}
_NAMED = {"domain": 53, "ssh": 22, "microsoft-ds": 445}
Test = Callable[[Packet], bool]


def reads(text: str) -> Test:
    """Whether a packet passes the list of its family."""
    lists: dict[int, list[tuple[bool, Test]]] = {}
    family = 0
    for line in text.splitlines():
        words = line.split()
        if "access-list" in words and not line.startswith(" "):
            family = 6 if "ipv6" in words else 4
            lists[family] = []
        elif words and words[0] in ("permit", "deny"):
            lists[family].append((words[0] == "permit", _entry(words[1:], family)))
    assert set(lists) == {4, 6}

    def passes(packet: Packet) -> bool:
        return next((verdict for verdict, test in lists[packet.src.version] if test(packet)), False)

    return passes


def _entry(words: list[str], family: int) -> Test:
    tests: list[Test] = []
    name = words.pop(0)
    if name not in ("ip", "ipv4", "ipv6"):
        number = _PROTOCOLS.get(name) or int(name)
        if family == 6 and name == "icmp":
            number = 58
        tests.append(lambda packet: packet.protocol == number)
    source = _address(words)
    sports = _ports(words)
    destination = _address(words)
    dports = _ports(words)
    tests.append(lambda packet: source(int(packet.src)) and destination(int(packet.dst)))
    tests.append(lambda packet: sports(packet.sport) and dports(packet.dport))
    for word in words:
        if word == "established":
            tests.append(lambda packet: not packet.begins)
        elif word in ("133", "134", "135", "136"):
            tests.append(lambda packet: False)
        else:
            assert word == "log", word
    return lambda packet: all(test(packet) for test in tests)


def _address(words: list[str]) -> Callable[[int], bool]:
    word = words.pop(0)
    if word == "any":
        return lambda value: True
    if word == "host":
        wanted = int(ip_address(words.pop(0)))
        return lambda value: value == wanted
    if "/" in word:
        base, length = word.split("/")
        shift = ip_address(base).max_prefixlen - int(length)
        wanted = int(ip_address(base)) >> shift
        return lambda value: value >> shift == wanted
    ignored = int(ip_address(words.pop(0)))
    wanted = int(ip_address(word)) | ignored
    return lambda value: value | ignored == wanted


def _ports(words: list[str]) -> Callable[[int], bool]:
    if words[:1] == ["eq"]:
        wanted = _NAMED.get(words[1]) or int(words[1])
        del words[:2]
        return lambda port: port == wanted
    if words[:1] == ["range"]:
        low, high = int(words[1]), int(words[2])
        del words[:3]
        return lambda port: low <= port <= high
    return lambda port: True
