"""UDP payloads."""

from __future__ import annotations

import io
from typing import Any

import pytest

from sekisho.model.addresses import text_of
from sekisho.sources.base import Reject
from sekisho.sources.captures.fragments import Reassembly
from sekisho.sources.captures.packets import packet_pieces
from sekisho.sources.captures.pcap import PcapScanner
from sekisho.sources.captures.udp import udp_payloads


def payloads(raw: bytes, block: int = 1 << 20) -> list[tuple[bytes, bool, str, int]]:
    found, reassembly = [], Reassembly()
    for piece in packet_pieces(io.BytesIO(raw), PcapScanner(), block):
        assert not isinstance(piece, Reject)
        udp = udp_payloads(piece, reassembly)
        for n in range(len(udp)):
            source = text_of(int(udp.src_hi[n]), int(udp.src_lo[n]))
            content = udp.data[int(udp.starts[n]) : int(udp.ends[n])]
            found.append((content, bool(udp.cut[n]), source, int(udp.rows[n])))
    return found


def test_other_packets_are_left_out(wire: Any) -> None:
    frames = [
        wire.ethernet(wire.ip(wire.udp(b"one"))),
        wire.ethernet(wire.ip(bytes(20), protocol=6)),
        b"\0" * 60,
        wire.ethernet(wire.ip(wire.udp(b"two"), "2001:db8::1", "::2"), vlans=[5, 6]) + b"trailer",
        wire.ethernet(wire.ip(b"short")),
    ]
    assert payloads(wire.pcap(frames)) == [
        (b"one", False, "10.0.0.1", 1),
        (b"two", False, "2001:db8::1", 4),
    ]


@pytest.mark.parametrize("ends", [("10.0.0.1", "10.0.0.2"), ("2001:db8::1", "2001:db8::2")])
@pytest.mark.parametrize("block", [300, 1 << 20])
def test_fragments_are_put_together_over_pieces(wire: Any, ends: tuple[str, str], block: int) -> None:
    content = bytes(range(256)) * 4
    whole = wire.udp(content)
    cuts = [(at, whole[at : at + 400]) for at in range(0, len(whole), 400)]
    frames = [
        wire.ethernet(wire.ip(part, *ends, offset=at, more=at + 400 < len(whole)))
        for at, part in cuts[::-1]
    ]
    assert payloads(wire.pcap(frames), block) == [(content, False, ends[0], 3)]


def test_a_payload_that_the_capture_cut_says_so(wire: Any) -> None:
    raw = wire.pcap([wire.ethernet(wire.ip(wire.udp(b"x" * 100)))], snap=14 + 20 + 8 + 10)
    assert payloads(raw) == [(b"x" * 10, True, "10.0.0.1", 1)]
