"""Flows as they happen, before any sensor sees them: one structured array, one row a conversation."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sekisho.model.protocols import ICMP, ICMP6, TCP, UDP

Array = npt.NDArray[Any]

FLOW = np.dtype(
    [
        ("start", "i8"),  # microseconds since 1970, UTC, as the initiator's wire saw it
        ("duration", "i8"),  # microseconds
        ("src", "i4"),  # row of the host table
        ("dst", "i4"),
        ("sport", "i4"),
        ("dport", "i4"),
        ("proto", "i2"),
        ("app", "i2"),  # row of APPS
        ("state", "i2"),  # one of the states below
        ("label", "i2"),  # 0, or row of the labels that the truth names
        ("out", "i8"),  # payload bytes, initiator to responder
        ("in", "i8"),
        ("pout", "i8"),  # packets
        ("pin", "i8"),
    ]
)

SF, S0, REJ, RSTO, RSTR, S1, OTH = range(7)
STATES = ("SF", "S0", "REJ", "RSTO", "RSTR", "S1", "OTH")
"""Zeek's connection states; OTH is used for ICMP only."""
ANSWERED = (SF, RSTO, RSTR, S1, OTH)

APPS = (
    "-",
    "dns",
    "krb_tcp",
    "gssapi,smb,krb",
    "ssl",
    "http",
    "ssh",
    "rdp",
    "ntp",
    "dce_rpc",
    "smtp",
    "snmp",
    "dhcp",
    "ldap_tcp",
    "sip",
    "ntlm,gssapi,smb",
    "syslog",
    "smb,ntlm,gssapi",
)
"""What Zeek writes in `service`; a comma list has no fixed order, so one service appears in two."""
APP = {name: number for number, name in enumerate(APPS)}

EPHEMERAL = 50_000
"""First source port, above the ports that RPC services take: where a router has mixed the flags of
a whole conversation, nothing in its records could tell the ends of such a pair apart."""

EMPTY: Array = np.empty(0, dtype=FLOW)


def blank(count: int) -> Array:
    """That many flows of zeros, established."""
    return np.zeros(count, dtype=FLOW)


def join(parts: list[Array]) -> Array:
    """All of them in one array, in the order given."""
    return np.concatenate(parts) if parts else EMPTY


def header_bytes(proto: Array, v6: Array) -> Array:
    """IP and transport header bytes of one packet (RFC 791, 8200, 9293, 768), options aside."""
    transport = np.where(proto == TCP, 20, 8)
    return np.asarray(np.where(v6, 40, 20) + transport)


def ip_bytes(flows: Array, v6: Array) -> tuple[Array, Array]:
    """True IP-layer bytes each way: payload and a header for each packet."""
    header = header_bytes(flows["proto"], v6[flows["src"]])
    return flows["out"] + flows["pout"] * header, flows["in"] + flows["pin"] * header


def count_packets(flows: Array) -> None:
    """Fill `pout` and `pin` to fit the payload, and empty what an unanswered try cannot have.

    TCP: full segments one way, an acknowledgement for every second one the other way, and the packets
    of the handshake and of the end.
    """
    proto, state = flows["proto"], flows["state"]
    tcp, udp = proto == TCP, proto == UDP
    icmp = (proto == ICMP) | (proto == ICMP6)
    unanswered, refused = state == S0, state == REJ
    flows["in"][unanswered | refused] = 0
    flows["out"][tcp & (unanswered | refused)] = 0
    out_segments, in_segments = -(-flows["out"] // 1448), -(-flows["in"] // 1448)
    pout = out_segments + (in_segments + 1) // 2 + 3
    pin = in_segments + (out_segments + 1) // 2 + 2
    pout = np.where(tcp & (state == S1), pout - 1, pout)
    pout = np.where(udp, np.maximum(1, -(-flows["out"] // 1232)), pout)
    pin = np.where(udp, -(-flows["in"] // 1232), pin)
    pout = np.where(icmp, np.maximum(1, flows["out"] // 56), pout)
    pin = np.where(icmp, flows["in"] // 56, pin)
    # A third of the unanswered SYNs are repeated within the same record.
    repeats = np.where(flows["sport"] % 3 == 0, 3, 1)
    flows["pout"] = np.where(tcp & unanswered, repeats, np.where(tcp & refused, 1, pout))
    flows["pin"] = np.where(unanswered, 0, np.where(tcp & refused, 1, pin))
    lone = flows["pout"] + flows["pin"] == 1
    flows["duration"] = np.where(
        lone, 0, np.where(tcp & unanswered, 3_000_000 + flows["sport"] * 7, flows["duration"])
    )
    flows["duration"][tcp & refused] = 300 + flows["sport"][tcp & refused]
