"""Captures with exports in them."""

from __future__ import annotations

import struct
from typing import Any

from sekisho.sources.readers.packet_capture import NO_EXPORTS, PacketCapture


def frame(payload: bytes) -> bytes:
    udp = struct.pack("!HHHH", 50_000, 2055, len(payload) + 8, 0) + payload
    ip = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, len(udp) + 20, 0, 0, 64, 17, 0, b"\x0a\0\0\x63", b"\x0a\0\0\x64"
    )
    return bytes(12) + b"\x08\x00" + ip + udp


def capture(*payloads: bytes) -> bytes:
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, 1)
    for payload in payloads:
        whole = frame(payload)
        out += struct.pack("<IIII", 1_700_000_000, 0, len(whole), len(whole)) + whole
    return out


def v5(sequence: int = 0) -> bytes:
    head = struct.pack("!HHIIIIBBH", 5, 1, 9_000_000, 1_700_000_000, 0, sequence, 0, 0, 0)
    ends = b"\x0a\0\0\1" + b"\x0a\0\0\2" + bytes(4)
    counts = (1, 2, 3, 300, 8_998_000, 8_999_000, 40000, 443, 0, 2, 6, 0, 0, 0, 0, 0, 0)
    return head + ends + struct.pack("!HHIIIIHHBBBBHHBBH", *counts)


def sflow() -> bytes:
    inner = frame(b"\0\1" + bytes(10))
    body = struct.pack("!IIII", 1, len(inner), 4, len(inner)) + inner + bytes(-len(inner) % 4)
    sample = struct.pack("!8I", 1, 3, 100, 0, 0, 9, 8, 1) + struct.pack("!II", 1, len(body)) + body
    head = struct.pack("!IIIIIII", 5, 1, 0x0A000063, 0, 1, 9, 1)
    return head + struct.pack("!II", 1, len(sample)) + sample


def test_netflow_and_sflow_of_one_capture(read_with: Any) -> None:
    found = read_with("packet-capture", capture(v5(), b"other", sflow(), v5(1)), fields=["exporter"])
    assert sorted(flow["row"] for flow in found.flows) == [1, 3, 4]
    assert {row["exporter"] for row in found.fields} == {"10.0.0.99"}
    assert found.ignored == 1
    assert found.last_row == 4
    assert found.rejects == []
    assert found.spans


def test_a_capture_without_exports_is_no_quiet_exporter(read_with: Any) -> None:
    found = read_with("packet-capture", capture(b"GET / HTTP/1.1", b"dns"))
    assert found.flows == []
    assert [reject.reason for reject in found.rejects] == [NO_EXPORTS]
    assert read_with("packet-capture", capture()).rejects == []


def test_losses_are_a_note(read_with: Any) -> None:
    found = read_with("packet-capture", capture(v5(0), v5(8)))
    assert found.notes == [
        "exporter 10.0.0.99, domain 0: 7 records are missing by their sequence numbers, 2 came"
    ]


def test_it_is_known_by_its_magic_number() -> None:
    assert PacketCapture().detect(capture()) == 80
    assert PacketCapture().detect(b"\0" * 40) == 0
