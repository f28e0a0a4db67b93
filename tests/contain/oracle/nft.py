"""Walks packets through nftables text, as nft(8) says: hooks, chains, sets, verdicts.

Slow and plain on purpose, and knows nothing of what wrote the text. What it does not know it refuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address, ip_network
from itertools import pairwise
from typing import Literal

State = Literal["new", "established", "related", "invalid", "untracked"]
Way = Literal["original", "reply"]
Range = tuple[int, int]
ICMP = {"destination-unreachable": 3}
ICMP6 = {
    "packet-too-big": 2,
    "nd-router-solicit": 133,
    "nd-router-advert": 134,
    "nd-neighbor-solicit": 135,
    "nd-neighbor-advert": 136,
}
FRAG_NEEDED = 4


@dataclass(frozen=True)
class Packet:
    """One packet as the filter hooks see it. `type` and `code` are those of ICMP."""

    saddr: str
    daddr: str
    l4proto: int
    sport: int = 0
    dport: int = 0
    state: State = "new"
    way: Way = "original"
    type: int = -1
    code: int = -1
    hoplimit: int = 63
    flags: frozenset[str] = frozenset({"syn"})

    @property
    def family(self) -> int:
        return 6 if ":" in self.saddr else 4


@dataclass
class Set:
    """A named set: its elements as ranges, one for each part of the type."""

    types: list[str]
    elements: list[tuple[Range, ...]] = field(default_factory=list)

    def add(self, element: str) -> None:
        """One element as it is written; nft refuses one that overlaps another."""
        new = tuple(_range(part) for part in element.split(" . "))
        assert len(new) == len(self.types), element
        assert not any(_overlap(new, other) for other in self.elements), element
        self.elements.append(new)

    def holds(self, values: tuple[int, ...]) -> bool:
        return any(
            all(low <= value <= high for value, (low, high) in zip(values, element, strict=True))
            for element in self.elements
        )


@dataclass
class Ruleset:
    """The table's sets, chains (rules as words) and hooks; `counted` names the counters that a walk hit."""

    sets: dict[str, Set] = field(default_factory=dict)
    chains: dict[str, list[list[str]]] = field(default_factory=dict)
    hooks: dict[str, tuple[str, str]] = field(default_factory=dict)
    counters: set[str] = field(default_factory=set)

    def fill(self, text: str) -> None:
        """What is told of a table that is there: sets emptied, elements added that time out."""
        for line in text.splitlines():
            if match := re.fullmatch(r"flush set inet sekisho (\w+)", line):
                self.sets[match[1]].elements.clear()
                continue
            match = re.fullmatch(r"add element inet sekisho (\w+) \{ (.+) timeout [1-9]\d*s \}", line)
            assert match, line
            self.sets[match[1]].add(match[2])

    def walk(
        self, packet: Packet, hook: str = "forward"
    ) -> tuple[Literal["accept", "drop"], list[str]]:
        """The verdict and the counters hit on the way."""
        chain, policy = self.hooks[hook]
        counted: list[str] = []
        verdict = self._chain(chain, packet, counted, 0)
        return ("drop" if (verdict or policy) == "drop" else "accept"), counted

    def _chain(self, name: str, packet: Packet, counted: list[str], deep: int) -> str | None:
        """accept, drop, or None where the chain ends or returns: then whoever jumped goes on."""
        assert deep < 16, "the kernel refuses more jumps than that"
        for rule in self.chains[name]:
            verdict = self._rule(rule, packet, counted)
            if verdict is None:
                continue
            word, _, target = verdict.partition(" ")
            if word == "return":
                return None
            if word == "goto":
                return self._chain(target, packet, counted, deep + 1)
            if word == "jump":
                found = self._chain(target, packet, counted, deep + 1)
                if found is not None:
                    return found
                continue
            return word
        return None

    def _rule(self, words: list[str], packet: Packet, counted: list[str]) -> str | None:
        at = 0
        while at < len(words):
            word = words[at]
            if word in ("accept", "drop", "return"):
                assert at == len(words) - 1, words
                return word
            if word in ("jump", "goto"):
                assert at == len(words) - 2, words
                return f"{word} {words[at + 1]}"
            if word == "counter":
                assert words[at + 1] == "name"
                assert words[at + 2] in self.counters, words
                counted.append(words[at + 2])
                at += 3
            elif word == "limit":
                # A rule that is limited may or may not go on: it must not hold a verdict.
                assert " ".join(words[at:][:6]) == "limit rate 5/second burst 10 packets", words
                assert words[at + 6 :][:2] == ["log", "prefix"], words
                assert at + 9 == len(words), words
                return None
            elif words[at : at + 2] == ["tcp", "flags"]:
                assert words[at + 2 : at + 8] == ["&", "(syn", "|", "ack)", "!=", "syn"], words
                if packet.l4proto != 6 or packet.flags & {"syn", "ack"} == {"syn"}:
                    return None
                at += 8
            else:
                holds, at = self._match(words, at, packet)
                if not holds:
                    return None
        return None

    def _match(self, words: list[str], at: int, packet: Packet) -> tuple[bool, int]:
        names: list[str] = []
        while True:
            name = words[at] if words[at].startswith("@") else " ".join(words[at : at + 2])
            names.append(name)
            at += 2
            if words[at] != ".":
                break
            at += 1
        wanted, at = words[at], at + 1
        if wanted == "{":
            end = words.index("}", at)
            choices = [word for word in words[at:end] if word != ","]
            at = end + 1
        else:
            choices = wanted.split(",")
        got = [_value(name, packet) for name in names]
        if any(value is None for value in got):
            return False, at
        if choices[0].startswith("@"):
            (choice,) = choices
            return self.sets[choice[1:]].holds(
                tuple(int(value) for value in got if value is not None)
            ), at
        (name,), (value,) = names, got
        tables = {"icmp type": ICMP, "icmpv6 type": ICMP6, "icmp code": {"frag-needed": FRAG_NEEDED}}
        if name.startswith("ct "):
            return value in choices, at
        return value in [tables[name][one] if name in tables else int(one) for one in choices], at


def _value(name: str, packet: Packet) -> int | str | None:
    """What a packet has there; None where it has no such thing, which ends the rule."""
    family, _, which = name.partition(" ")
    match name:
        case "ip saddr" | "ip daddr" | "ip6 saddr" | "ip6 daddr":
            if packet.family != (4 if family == "ip" else 6):
                return None
            return _bits(packet.saddr if which == "saddr" else packet.daddr)
        case "ip6 hoplimit":
            return packet.hoplimit if packet.family == 6 else None
        case "meta l4proto":
            return packet.l4proto
        case "th sport":
            return packet.sport
        case "th dport":
            return packet.dport
        case "icmp type" | "icmp code":
            return (packet.type if which == "type" else packet.code) if packet.l4proto == 1 else None
        case "icmpv6 type":
            return packet.type if packet.l4proto == 58 else None
        case "ct state":
            return packet.state
        case "ct direction":
            return None if packet.state in ("invalid", "untracked") else packet.way
    raise AssertionError(f"{name} is not known")


@cache
def _bits(address: str) -> int:
    return int(ip_address(address))


_TOKENS = re.compile(r'"[^"]*"|[{},]|[^\s{},"]+(?:,[a-z]+)*|;')


def read(text: str) -> Ruleset:
    """One table, made anew by its text; raises AssertionError for what it does not know."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert lines[:3] == ["table inet sekisho", "delete table inet sekisho", "table inet sekisho {"]
    assert lines[-1] == "}"
    found = Ruleset()
    rest = iter(lines[3:-1])
    for line in rest:
        kind, name, *tail = line.split()
        if kind == "counter":
            assert tail == ["{", "}"], line
            found.counters.add(name)
        elif kind == "set":
            found.sets[name] = _read_set(rest)
        else:
            assert (kind, tail) == ("chain", ["{"]), line
            found.chains[name] = []
            for rule in rest:
                if rule == "}":
                    break
                if rule.startswith("type "):
                    match = re.fullmatch(
                        r"type filter hook (\w+) priority filter - 10; policy (\w+);", rule
                    )
                    assert match, rule
                    found.hooks[match[1]] = (name, match[2])
                else:
                    found.chains[name].append(_TOKENS.findall(rule))
    for rules in found.chains.values():
        for words in rules:
            for word, after in pairwise(words):
                assert word not in ("jump", "goto") or after in found.chains, after
    return found


def _read_set(lines: Iterator[str]) -> Set:
    type_, flags, start = next(lines), next(lines), next(lines)
    assert flags in ("flags interval", "flags interval,timeout"), flags
    found = Set(type_.removeprefix("type ").split(" . "))
    if start == "}":
        return found
    assert start == "elements = {", start
    for line in lines:
        if line == "}":
            assert next(lines) == "}"
            break
        found.add(line.rstrip(","))
    return found


def _overlap(one: tuple[Range, ...], other: tuple[Range, ...]) -> bool:
    return all(a <= d and c <= b for (a, b), (c, d) in zip(one, other, strict=True))


def _range(text: str) -> Range:
    if "/" in text:
        network = ip_network(text)
        return int(network.network_address), int(network.broadcast_address)
    low, _, high = text.partition("-")
    return _number(low), _number(high or low)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else int(ip_address(text))
