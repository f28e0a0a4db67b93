"""Restrictions and packets by chance, on and around what the register names, and what becomes of these by
the model alone."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_network

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.contain.conftest import GATEWAYS, ground_of

from sekisho.contain.orders import Order
from sekisho.contain.proposal import Proposal, propose
from sekisho.model.restrictions import Restriction

SEVERED = (
    "link:th <-> jp",
    "site:th",
    "all",
    "host:edi-th",
    "group:th/scada",
    "link:th <-> internet",
    "host:10.60.0.9",
    "link:th/edi <-> jp/edi, us",
)
RULES = ("EDI", "DNS", "FILES", "ANYTHING", "OPS", "PING", "REMOTE")
NEAR = ("10.40.0.0/16", "10.40.2.10/32", "10.40.9.0/24", "2001:db8:40::/48", "2001:db8:40::10/128")
FAR = ("10.1.0.0/16", "10.1.20.0/28", "10.60.0.0/16", "10.60.0.9/32", "203.0.113.9/32")
FAR6 = ("2001:db8:1::/48", "2001:db8:1::20/128", "2600::5/128")
PORTS = (0, 21, 22, 23, 52, 53, 54, 444, 445, 446, 8442, 8443, 8444, 40000, 65535)
_TH = (IPv4Network("10.40.0.0/16"), ip_network("2001:db8:40::/48"))


@dataclass(frozen=True)
class Packet:
    """`begins` where it opens a session; only TCP shows that."""

    src: IPv4Address | IPv6Address
    dst: IPv4Address | IPv6Address
    protocol: int
    sport: int
    dport: int
    begins: bool


def plan(platform: str, restrictions: list[Restriction]) -> tuple[Proposal, Order]:
    """The plan for th-gw of the last one, the others in force."""
    ground = ground_of(GATEWAYS.replace(b"nftables", platform.encode()))
    *others, last = restrictions
    ground = replace(ground, in_force={f"P-{n}": one for n, one in enumerate(others, 2)})
    proposal = propose("P-1", last, ground)
    return proposal, proposal.told[0].order


def restrictions(directions: tuple[str, ...] = ("both",)) -> st.SearchStrategy[list[Restriction]]:
    """One or two."""
    one = st.builds(
        lambda sever, tier, allow, direction: Restriction(
            tuple(dict.fromkeys(sever)),
            keep_tier=tier,
            allow=tuple(sorted(allow)),
            direction="both" if "all" in sever else direction,
        ),
        st.lists(st.sampled_from(SEVERED), min_size=1, max_size=2),
        st.sampled_from([None, "essential"]),
        st.sets(st.sampled_from(RULES), max_size=3),
        st.sampled_from(directions),
    )
    return st.lists(one, min_size=1, max_size=2)


def packets(seed: int, protocols: tuple[int, ...] = (1, 6, 17, 47)) -> Iterator[Packet]:
    """A hundred of them with one end at th."""
    chance = random.Random(seed)
    for _ in range(100):
        near = _around(chance, NEAR)
        while not any(near in network for network in _TH):
            near = _around(chance, NEAR)
        far = _around(chance, FAR if near.version == 4 else FAR6)
        src, dst = (near, far) if chance.random() < 0.5 else (far, near)
        protocol = chance.choice(protocols)
        if protocol == 1 and src.version == 6:
            protocol = 58
        ports = (chance.choice(PORTS), chance.choice(PORTS)) if protocol in (6, 17) else (0, 0)
        yield Packet(src, dst, protocol, *ports, protocol == 6 and chance.random() < 0.5)


def _around(chance: random.Random, networks: tuple[str, ...]) -> IPv4Address | IPv6Address:
    network = ip_network(chance.choice(networks))
    first, last = int(network[0]), int(network[-1])
    value = chance.choice([first - 1, first, last, last + 1, chance.randint(first, last)])
    return IPv4Address(value) if network.version == 4 else IPv6Address(value)


def opens(order: Order, packet: Packet) -> bool:
    """Whether the model leaves the connection that the packet would begin open."""
    src, dst = ("", packet.src), ("", packet.dst)
    return not any(held.severed.cut_of(src, dst, packet.protocol, packet.dport) for held in order.held)


def back(packet: Packet) -> Packet:
    """The first packet of the connection that it would be an answer to."""
    return replace(
        packet, src=packet.dst, dst=packet.src, sport=packet.dport, dport=packet.sport, begins=True
    )


def without_state(order: Order, packet: Packet) -> bool:
    """Whether a list that judges each packet by itself passes it."""
    return opens(order, packet) or (not packet.begins and opens(order, back(packet)))


def agrees(
    platform: str,
    reader: Callable[[str], Callable[[Packet], bool]],
    model: Callable[[Order, Packet], bool] = without_state,
    directions: tuple[str, ...] = ("both",),
    protocols: tuple[int, ...] = (1, 6, 17, 47),
) -> None:
    """Text and model pass the same packets, and every outcome was seen."""
    seen: Counter[tuple[bool, bool, int]] = Counter()

    @settings(
        max_examples=20,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(restrictions(directions), st.integers(0, 1 << 32))
    def each(several: list[Restriction], seed: int) -> None:
        proposal, order = plan(platform, several)
        rendered = proposal.told[0].rendered
        assert rendered is not None, proposal.told[0].why
        passes = reader(rendered.text)
        for packet in packets(seed, protocols):
            expected = model(order, packet)
            assert passes(packet) == expected, (several, packet)
            seen[expected, opens(order, packet), packet.src.version] += 1

    each()
    assert {(passed, version) for passed, _, version in seen} == {
        (passed, version) for passed in (True, False) for version in (4, 6)
    }
