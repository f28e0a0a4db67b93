"""The pcap format (draft-ietf-opsawg-pcap): a header, then packets; both byte orders, micro and nano."""

from __future__ import annotations

import struct

from sekisho.sources.captures.packets import PACKET_LIMIT, Found

_ORDERS = {
    b"\xd4\xc3\xb2\xa1": ("<", 1),
    b"\xa1\xb2\xc3\xd4": (">", 1),
    b"\x4d\x3c\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\x3c\x4d": (">", 1000),
}
MAGICS = tuple(_ORDERS)
_HEADER = 24


class PcapScanner:
    """Packets behind the file's header."""

    def __init__(self) -> None:
        self._record: struct.Struct | None = None
        self._division = 1
        self._link = 0

    def scan(self, data: bytes, found: list[Found]) -> int:
        """See Scanner."""
        at = 0
        if self._record is None:
            if len(data) < _HEADER:
                return 0
            order, self._division = _ORDERS.get(data[:4], ("", 0))
            if not order:
                raise ValueError("it is no packet capture")
            self._record = struct.Struct(order + "IIII")
            # The upper bits of the link type say how long the checksum of a frame is.
            self._link = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
            at = _HEADER
        unpack, size, division, link = (
            self._record.unpack_from,
            len(data),
            self._division,
            self._link,
        )
        while size - at >= 16:
            seconds, fraction, captured, wire = unpack(data, at)
            if captured > PACKET_LIMIT:
                raise ValueError(f"a packet of {captured} bytes cannot be")
            if size - at - 16 < captured:
                break
            at += 16
            found.append((at, captured, wire, seconds * 1_000_000 + fraction // division, link))
            at += captured
        return at
