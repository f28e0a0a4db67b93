"""IP headers."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest

from sekisho.model.addresses import text_of
from sekisho.sources.captures.ip import IpPackets, ip_packets
from sekisho.sources.captures.packets import padded


def parsed(*packets: bytes) -> IpPackets:
    sizes = np.array([len(packet) for packet in packets])
    starts = np.cumsum(sizes) - sizes
    return ip_packets(padded(b"".join(packets)), starts, starts + sizes)


@pytest.mark.parametrize(("src", "dst"), [("10.1.2.3", "192.168.0.1"), ("2001:db8::1", "fe80::2")])
def test_ends_protocol_and_where_the_content_is(wire: Any, src: str, dst: str) -> None:
    packet = wire.ip(b"content", src, dst, protocol=6)
    found = parsed(b"", packet + b"trailer")
    assert found.good.tolist() == [False, True]
    assert text_of(int(found.src_hi[1]), int(found.src_lo[1])) == src
    assert text_of(int(found.dst_hi[1]), int(found.dst_lo[1])) == dst
    assert (found.protocol[1], found.length[1]) == (6, len(packet))
    assert packet[found.payload[1] : found.end[1]] == b"content"
    assert found.whole.tolist() == [False, True]


def test_options_and_extension_headers_are_passed(wire: Any) -> None:
    four = bytearray(wire.ip(b"\1\1\1\1" + b"content", protocol=6))
    four[0] = 0x46
    six = wire.ip(
        struct.pack("!BB6x", 43, 0) + struct.pack("!BB14x", 6, 1) + b"content", "::1", "::2", protocol=0
    )
    found = parsed(bytes(four), six)
    assert found.protocol.tolist() == [6, 6]
    assert (found.end - found.payload).tolist() == [7, 7]


@pytest.mark.parametrize("ends", [("10.0.0.1", "10.0.0.2"), ("::1", "::2")])
def test_fragments_say_so(wire: Any, ends: tuple[str, str]) -> None:
    first = wire.ip(bytes(16), *ends, more=True, identity=77)
    last = wire.ip(bytes(5), *ends, offset=16, identity=77)
    found = parsed(first, last)
    assert found.whole.tolist() == [False, False]
    assert found.fragment.tolist() == [0, 16]
    assert found.more.tolist() == [True, False]
    assert found.identity.tolist() == [77, 77]
    assert found.protocol.tolist() == [17, 17]


def test_what_is_no_ip_is_not_good() -> None:
    found = parsed(b"\x45" + bytes(10), b"\x60" + bytes(30), b"\x41" + bytes(30), b"\x30" * 60)
    assert found.good.tolist() == [False] * 4
