"""Tunnels: connections that carry others, of which the outer one alone is seen.

Protocol numbers and ports are IANA's registrations: ESP (RFC 4303), AH (RFC 4302), GRE (RFC 2784), IP in IP
(RFC 2003), 6in4 (RFC 4213), L2TPv3 over IP (RFC 3931), L2TP (RFC 2661), IKE (RFC 7296), UDP-encapsulated ESP
(RFC 3948), VXLAN (RFC 7348), GENEVE (RFC 8926). WireGuard and OpenVPN have a usual port and no more: by the
port alone they are guesses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sekisho.model.protocols import UDP


@dataclass(frozen=True, slots=True)
class Tunnel:
    """`kind` as people write it; `guess` where only a usual port speaks for it."""

    kind: str
    guess: bool = False


TUNNELS: Mapping[tuple[int, int], Tunnel] = MappingProxyType(
    {
        (50, 0): Tunnel("ESP"),
        (51, 0): Tunnel("AH"),
        (47, 0): Tunnel("GRE"),
        (4, 0): Tunnel("IP in IP"),
        (41, 0): Tunnel("6in4"),
        (115, 0): Tunnel("L2TP"),
        (97, 0): Tunnel("EtherIP"),
        (UDP, 500): Tunnel("IKE"),
        (UDP, 4500): Tunnel("ESP in UDP"),
        (UDP, 1701): Tunnel("L2TP"),
        (UDP, 4789): Tunnel("VXLAN"),
        (UDP, 6081): Tunnel("GENEVE"),
        (UDP, 51820): Tunnel("WireGuard", guess=True),
        (UDP, 1194): Tunnel("OpenVPN", guess=True),
    }
)
"""By protocol number and the responder's port, 0 where the protocol has none."""


def tunnel_of(protocol: int, port: int) -> Tunnel | None:
    """The tunnel that a connection is, or None."""
    return TUNNELS.get((protocol, port))
