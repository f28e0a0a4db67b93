"""Which field of NetFlow v9 and IPFIX becomes which column.

Numbers: IANA's IPFIX Information Elements (RFC 7012), RFC 3954 (8) for v9, Cisco's NSEL guide for the
numbers of v9 above 32767. A column's name is its role; several elements may fill one.
"""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType

REVERSE_PEN = 29305
"""The enterprise number by which an element counts the other direction (RFC 5103, 6.1)."""
VARIABLE = 65535
"""The length that says: the length stands in the record (RFC 7011, 7)."""
REVERSE = "_reverse"


class Kind(Enum):
    """How the bytes of a field are read."""

    NUMBER = "unsigned, 1 to 8 bytes"
    ADDRESS4 = "4 bytes"
    ADDRESS6 = "16 bytes"
    NTP = "seconds since 1900 and a fraction (RFC 7011, 6.1.9)"
    FLOAT = "IEEE, 4 or 8 bytes"


_NUMBERS = {
    1: "bytes",
    2: "packets",
    4: "protocol",
    6: "tcp_flags",
    7: "src_port",
    10: "input",
    11: "dst_port",
    14: "output",
    21: "end_uptime",
    22: "start_uptime",
    23: "bytes_post",
    24: "packets_post",
    32: "icmp",
    34: "sampling_interval",
    48: "sampler",
    50: "sampler_interval",
    58: "vlan",
    60: "ip_version",
    61: "direction",
    85: "bytes_total",
    86: "packets_total",
    89: "forwarding",
    136: "end_reason",
    139: "icmp",
    150: "start_s",
    151: "end_s",
    152: "start_ms",
    153: "end_ms",
    158: "start_delta",
    159: "end_delta",
    160: "boot_ms",
    161: "duration_ms",
    162: "duration_us",
    176: "icmp_type",
    177: "icmp_code",
    178: "icmp_type",
    179: "icmp_code",
    180: "src_port_udp",
    181: "dst_port_udp",
    182: "src_port",
    183: "dst_port",
    227: "post_nat_src_port",
    228: "post_nat_dst_port",
    230: "nat_event",
    231: "bytes_initiator",
    232: "bytes_responder",
    233: "firewall_event",
    234: "vrf",
    239: "biflow_direction",
    298: "packets_initiator",
    299: "packets_responder",
    302: "sampler",
    305: "sampling_taken",
    306: "sampling_skipped",
    309: "sampling_size",
    310: "sampling_population",
    322: "seen_s",
    323: "seen_ms",
}
_NTP = {154: "start_ntp", 155: "end_ntp", 156: "start_ntp", 157: "end_ntp"} | {
    324: "seen_ntp",
    325: "seen_ntp",
}
_ADDRESS4 = {8: "src4", 12: "dst4", 225: "post_nat_src4", 226: "post_nat_dst4"}
_ADDRESS6 = {27: "src6", 28: "dst6", 281: "post_nat_src6", 282: "post_nat_dst6"}
_NSEL = {
    33002: ("firewall_detail", Kind.NUMBER),
    40001: ("post_nat_src4", Kind.ADDRESS4),
    40002: ("post_nat_dst4", Kind.ADDRESS4),
    40003: ("post_nat_src_port", Kind.NUMBER),
    40004: ("post_nat_dst_port", Kind.NUMBER),
    40005: ("firewall_event", Kind.NUMBER),
}

ELEMENTS: MappingProxyType[int, tuple[str, Kind]] = MappingProxyType(
    {element: (role, Kind.NUMBER) for element, role in _NUMBERS.items()}
    | {element: (role, Kind.NTP) for element, role in _NTP.items()}
    | {element: (role, Kind.ADDRESS4) for element, role in _ADDRESS4.items()}
    | {element: (role, Kind.ADDRESS6) for element, role in _ADDRESS6.items()}
    | {311: ("sampling_probability", Kind.FLOAT)}
    | _NSEL
)
"""Role and kind of the elements that are read; every other one is passed over."""

_TWO_WAY = frozenset({"bytes", "packets", "bytes_total", "packets_total", "tcp_flags"})


def role_of(enterprise: int, element: int) -> tuple[str, Kind] | None:
    """Role and kind of a field, None where it is passed over."""
    if enterprise not in (0, REVERSE_PEN):
        return None
    known = ELEMENTS.get(element)
    if known is None or enterprise == 0:
        return known
    role, kind = known
    return (role + REVERSE, kind) if role in _TWO_WAY else None


def fits(kind: Kind, size: int) -> bool:
    """Whether a field of that many bytes can be read so; a reduced size is allowed for numbers."""
    if kind is Kind.NUMBER:
        return 1 <= size <= 8
    return size in {Kind.ADDRESS4: (4,), Kind.ADDRESS6: (16,), Kind.NTP: (8,), Kind.FLOAT: (4, 8)}[kind]
