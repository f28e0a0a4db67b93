from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_network

import pytest
from tests.contain.backends.packets import Packet, agrees, opens, plan

from sekisho.contain.backends import fortigate
from sekisho.contain.backends.base import CannotExpress
from sekisho.contain.backends.fortigate import Fortigate
from sekisho.model.restrictions import Restriction


def reads(text: str) -> Callable[[Packet], bool]:
    """Whether the first policy that matches what begins accepts it."""
    tables: dict[str, dict[str, dict[str, list[str]]]] = {}
    table: dict[str, dict[str, list[str]]] = {}
    entry: dict[str, list[str]] = {}
    for line in text.splitlines():
        words = shlex.split(line, comments=True)
        match words[:1]:
            case ["config"]:
                table = tables.setdefault(" ".join(words[1:]), {})
            case ["edit"]:
                entry = table.setdefault(words[1], {})
            case ["set"]:
                entry[words[1]] = words[2:]
    policies = tables["firewall policy"]
    assert list(map(int, policies)) == list(range(900_001, 900_001 + len(policies)))

    def holds(names: list[str], packet: Packet, end: str) -> bool:
        six = "6" if packet.src.version == 6 else ""
        for name in names:
            for member in tables[f"firewall addrgrp{six}"][name]["member"]:
                one = tables[f"firewall address{six}"][member]
                prefix = one["ip6"][0] if six else "/".join(one["subnet"])
                if getattr(packet, end) in ip_network(prefix):
                    return True
        return False

    def serves(name: str, packet: Packet) -> bool:
        if name == "ALL":
            return True
        kind = {6: "tcp-portrange", 17: "udp-portrange"}.get(packet.protocol, "")
        ranges = [
            (one.split("-") * 2)[:2] for one in tables["firewall service custom"][name].get(kind, [])
        ]
        return any(int(low) <= packet.dport <= int(high) for low, high in ranges)

    def passes(packet: Packet) -> bool:
        six = "6" if packet.src.version == 6 else ""
        for one in policies.values():
            if f"srcaddr{six}" not in one:
                continue
            if (
                holds(one[f"srcaddr{six}"], packet, "src")
                and holds(one[f"dstaddr{six}"], packet, "dst")
                and serves(one["service"][0], packet)
            ):
                return one.get("action") == ["accept"]
        return True

    return passes


def test_what_begins_passes_where_the_model_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = ("EDI", "DNS", "FILES", "OPS", "REMOTE")
    monkeypatch.setattr("tests.contain.backends.packets.RULES", rules)
    agrees("fortigate", reads, opens, ("both", "in", "out"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("set subnet 10.40.0.0 255.255.0.0", "set subnet 10.40.0.0 255.255.128.0"),
        ("set tcp-portrange 445", "set tcp-portrange 1-445"),
        ("set ip6 2001:db8:40::/48", "set ip6 2001:db8:40::/49"),
    ],
)
def test_addresses_that_are_not_all_there_are_seen(
    monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    _, order = plan("fortigate", [Restriction(("site:th",), allow=("FILES",))])
    assert old in Fortigate().render(order).text
    said = fortigate.generate_rules
    monkeypatch.setattr(fortigate, "generate_rules", lambda *words: said(*words).replace(old, new))
    with pytest.raises(CannotExpress, match="is not all of it"):
        Fortigate().render(order)


def test_without_restrictions_there_are_no_policies() -> None:
    _, order = plan("fortigate", [Restriction(("site:th",))])
    rendered = Fortigate().render(replace(order, held=()))
    assert "config" not in rendered.text
    assert rendered.notes
