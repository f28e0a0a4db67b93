"""IP protocol numbers and their names (IANA, Assigned Internet Protocol Numbers)."""

from __future__ import annotations

from types import MappingProxyType

ICMP, TCP, UDP, ICMP6, SCTP = 1, 6, 17, 58, 132

NAMES = MappingProxyType(
    {
        0: "hopopt",
        ICMP: "icmp",
        2: "igmp",
        4: "ipip",
        TCP: "tcp",
        UDP: "udp",
        33: "dccp",
        41: "ipv6",
        47: "gre",
        50: "esp",
        51: "ah",
        ICMP6: "icmp6",
        88: "eigrp",
        89: "ospf",
        97: "etherip",
        103: "pim",
        112: "vrrp",
        115: "l2tp",
        SCTP: "sctp",
        136: "udplite",
    }
)
NUMBERS = MappingProxyType(
    {name: number for number, name in NAMES.items()}
    | {"ipv6-icmp": ICMP6, "icmpv6": ICMP6, "ipencap": 4, "ip-in-ip": 4}
)
WITH_PORTS = frozenset({TCP, UDP, 33, SCTP, 136})
"""Protocols whose connections have a port; the port of every other is 0."""


def name(number: int) -> str:
    """The field's name for a protocol, or its number as text."""
    return NAMES.get(number, str(number))


def number(text: str) -> int:
    """The number for a name (any case) or a decimal number. Raises ValueError."""
    known = NUMBERS.get(text.strip().lower())
    if known is not None:
        return known
    value = int(text)
    if not 0 <= value <= 255:
        raise ValueError(f"protocol {value} is not between 0 and 255")
    return value
