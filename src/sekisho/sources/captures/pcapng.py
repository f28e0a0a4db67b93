"""The pcapng format (draft-ietf-opsawg-pcapng): sections of blocks, each interface with its own clock."""

from __future__ import annotations

import struct

from sekisho.sources.captures.packets import PACKET_LIMIT, Found

MAGIC = b"\x0a\x0d\x0d\x0a"
BLOCK_LIMIT = 16 << 20
INTERFACES_LIMIT = 65_536
_SECTION, _INTERFACE, _OLD_PACKET, _SIMPLE, _PACKET = 0x0A0D0D0A, 1, 2, 3, 6
_RESOLUTION, _OFFSET = 9, 14
_MICRO = 1_000_000


class PcapngScanner:
    """Packets of all sections."""

    def __init__(self) -> None:
        self._order = ""
        self._interfaces: list[tuple[int, int, int]] = []
        """Link type, ticks a second, seconds to add."""

    def scan(self, data: bytes, found: list[Found]) -> int:
        """See Scanner."""
        at = 0
        while len(data) - at >= 12:
            if data[at : at + 4] == MAGIC:
                order = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}.get(data[at + 8 : at + 12])
                if order is None:
                    raise ValueError("a section has no byte order")
                self._order, self._interfaces = order, []
            if not self._order:
                raise ValueError("it is no packet capture")
            kind, size = struct.unpack_from(self._order + "II", data, at)
            if size < 12 or size % 4 or size > BLOCK_LIMIT:
                raise ValueError(f"a block of {size} bytes cannot be")
            if len(data) - at < size:
                break
            self._block(kind, data, at + 8, at + size - 4, found)
            at += size
        return at

    def _block(self, kind: int, data: bytes, at: int, end: int, found: list[Found]) -> None:
        room = end - at
        if kind == _INTERFACE and room >= 8:
            self._interface(data, at, end)
        elif kind in (_PACKET, _OLD_PACKET) and room >= 20:
            if kind == _PACKET:
                number, high, low, captured, wire = struct.unpack_from(self._order + "IIIII", data, at)
            else:
                number, _, high, low, captured, wire = struct.unpack_from(
                    self._order + "HHIIII", data, at
                )
            link, ticks, offset = self._of(number)
            if captured > min(room - 20, PACKET_LIMIT):
                raise ValueError(f"a packet of {captured} bytes does not fit into its block")
            when = (high << 32 | low) * _MICRO // ticks + offset * _MICRO
            found.append((at + 20, captured, wire, min(when, 1 << 62), link))
        elif kind == _SIMPLE and room >= 4:
            (wire,) = struct.unpack_from(self._order + "I", data, at)
            link, _, _ = self._of(0)
            # It has no time: what needs one is set aside.
            found.append((at + 4, min(wire, room - 4), wire, 0, link))

    def _of(self, number: int) -> tuple[int, int, int]:
        if number >= len(self._interfaces):
            raise ValueError(f"a packet is of interface {number}, which nothing describes")
        return self._interfaces[number]

    def _interface(self, data: bytes, at: int, end: int) -> None:
        if len(self._interfaces) >= INTERFACES_LIMIT:
            raise ValueError(f"a section has more than {INTERFACES_LIMIT} interfaces")
        (link,) = struct.unpack_from(self._order + "H", data, at)
        ticks, offset = _MICRO, 0
        at += 8
        while end - at >= 4:
            code, size = struct.unpack_from(self._order + "HH", data, at)
            value = data[at + 4 : min(at + 4 + size, end)]
            if code == 0:
                break
            if code == _RESOLUTION and len(value) == 1:
                power = value[0] & 0x7F
                ticks = 2 ** min(power, 63) if value[0] & 0x80 else 10 ** min(power, 18)
            elif code == _OFFSET and len(value) == 8:
                (offset,) = struct.unpack(self._order + "q", value)
            at += 4 + size + (-size) % 4
        self._interfaces.append((link, ticks, max(min(offset, 1 << 40), -(1 << 40))))
