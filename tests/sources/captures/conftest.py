"""Captures made by hand."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from ipaddress import ip_address

import pytest


class Wire:
    """Packets and capture files."""

    def udp(self, payload: bytes, port: int = 2055) -> bytes:
        return struct.pack("!HHHH", 50_000, port, len(payload) + 8, 0) + payload

    def ip(
        self,
        content: bytes,
        src: str = "10.0.0.1",
        dst: str = "10.0.0.9",
        *,
        protocol: int = 17,
        identity: int = 7,
        offset: int = 0,
        more: bool = False,
    ) -> bytes:
        """An IPv4 packet, or an IPv6 one with the extension headers it needs."""
        ends = ip_address(src).packed + ip_address(dst).packed
        if len(ends) == 8:
            flags = offset // 8 | (0x2000 if more else 0)
            size = 20 + len(content)
            return (
                struct.pack("!BBHHHBBH", 0x45, 0, size, identity, flags, 64, protocol, 0)
                + ends
                + content
            )
        head = b""
        if offset or more:
            head = struct.pack("!BBHI", protocol, 0, offset | more, identity)
            protocol = 44
        return (
            struct.pack("!IHBB", 6 << 28, len(head) + len(content), protocol, 64)
            + ends
            + head
            + content
        )

    def ethernet(self, packet: bytes, vlans: Sequence[int] = ()) -> bytes:
        tags = b"".join(struct.pack("!HH", 0x8100, vlan) for vlan in vlans)
        kind = 0x0800 if packet[0] >> 4 == 4 else 0x86DD
        return bytes(12) + tags + struct.pack("!H", kind) + packet

    def pcap(
        self,
        frames: Sequence[bytes],
        *,
        link: int = 1,
        order: str = "<",
        nano: bool = False,
        snap: int = 1 << 18,
        at: float = 1_700_000_000.25,
    ) -> bytes:
        out = struct.pack(order + "IHHiIII", 0xA1B23C4D if nano else 0xA1B2C3D4, 2, 4, 0, 0, snap, link)
        for number, frame in enumerate(frames):
            fraction = int((at % 1) * (1_000_000_000 if nano else 1_000_000))
            kept = frame[:snap]
            out += struct.pack(order + "IIII", int(at) + number, fraction, len(kept), len(frame)) + kept
        return out

    def block(self, kind: int, body: bytes, order: str = "<") -> bytes:
        body += bytes(-len(body) % 4)
        size = len(body) + 12
        return struct.pack(order + "II", kind, size) + body + struct.pack(order + "I", size)

    def pcapng(
        self, frames: Sequence[bytes], *, order: str = "<", link: int = 1, resolution: int = 6
    ) -> bytes:
        out = self.block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)
        options = struct.pack(order + "HHB3xHH", 9, 1, resolution, 0, 0)
        out += self.block(1, struct.pack(order + "HHI", link, 0, 0) + options, order)
        for number, frame in enumerate(frames):
            ticks = (1_700_000_000 + number) * 10**resolution
            head = struct.pack(
                order + "IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame)
            )
            out += self.block(6, head + frame, order)
        return out


@pytest.fixture(scope="session")
def wire() -> Wire:
    return Wire()
