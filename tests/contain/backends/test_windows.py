from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest
from tests.contain.backends.packets import Packet, opens, packets, plan

from sekisho.contain.backends.windows import Windows
from sekisho.model.restrictions import Restriction

_RULE = re.compile(
    r'add rule name="sekisho-next" dir=(\w+) action=block'
    r" localip=(\S+) remoteip=(\S+) protocol=any"
)


def reads(text: str) -> Callable[[Packet], bool]:
    """Whether no rule of the host at either end blocks what begins."""
    rules = [match.groups() for match in map(_RULE.search, text.splitlines()) if match]

    def passes(packet: Packet) -> bool:
        ends = {"out": (packet.src, packet.dst), "in": (packet.dst, packet.src)}
        blocked = {
            kind: any(
                way == kind and _in(here, str(local)) and _in(there, str(remote))
                for way, local, remote in rules
            )
            for kind, (here, there) in ends.items()
        }
        assert len(set(blocked.values())) == 1
        return not blocked["out"]

    return passes


def _in(address: object, listed: str) -> bool:
    for one in listed.split(","):
        first, dash, last = one.partition("-")
        low = ip_address(first) if dash else ip_network(one)[0]
        high = ip_address(last) if dash else ip_network(one)[-1]
        if low.version == address.version and low <= address <= high:  # type: ignore[attr-defined, operator]
            return True
    return False


@pytest.mark.parametrize("direction", ["both", "in", "out"])
@pytest.mark.parametrize("sever", ["host:edi-th", "site:th", "group:th/scada", "link:th <-> internet"])
def test_text_and_model_pass_the_same_packets(sever: str, direction: str) -> None:
    proposal, order = plan("windows", [Restriction((sever,), direction=direction)])  # type: ignore[arg-type]
    rendered = proposal.told[0].rendered
    assert rendered is not None
    passes = reads(rendered.text)
    seen = set()
    for packet in packets(3):
        assert passes(packet) == opens(order, packet), packet
        seen.add(passes(packet))
    assert seen == {True, False}


def test_nothing_can_be_kept_open() -> None:
    told = plan("windows", [Restriction(("site:th",), allow=("FILES",))])[0].told[0]
    assert "cannot keep anything open of what it blocks (open: FILES)" in told.why


def test_the_new_rules_come_before_the_old_ones_go() -> None:
    _, order = plan("windows", [Restriction(("host:edi-th",))])
    text = Windows().render(order).text
    assert text.index("add rule") < text.index('delete rule name="sekisho"') < text.index("set rule")
    assert "0.0.0.0-255.255.255.255" in text
    empty = Windows().render(replace(order, held=())).text
    assert "add rule" not in empty
    assert 'delete rule name="sekisho"' in empty
