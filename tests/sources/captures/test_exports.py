"""Exports among other traffic."""

from __future__ import annotations

import io
import struct
from typing import Any

from sekisho.sources.base import Reject
from sekisho.sources.captures.exports import CaptureReading, Exports, is_capture, netflow_of

V5 = struct.pack("!HHIIIIBBH", 5, 1, 9, 9, 0, 0, 0, 0, 0) + bytes(48)
V9 = struct.pack("!HHIIII", 9, 1, 9, 9, 0, 0) + struct.pack("!HHI", 256, 8, 0)
IPFIX = struct.pack("!HHIII", 10, 24, 9, 0, 0) + struct.pack("!HHI", 2, 8, 0)
SFLOW = struct.pack("!IIIIIII", 5, 1, 0x0A000001, 0, 1, 1, 0)
OTHERS = [
    b"",
    struct.pack("!HHHHHH", 9, 0x0100, 1, 0, 0, 0) + b"\3www\7example\0\0\1\0\1",
    struct.pack("!HHHHHH", 5, 0x8180, 1, 1, 0, 0) + bytes(40),
    struct.pack("!HHHHHH", 10, 0x0100, 1, 0, 0, 0) + bytes(40),
    V5 + b"\0",
    SFLOW[:20],
]


def test_exports_are_told_from_other_payloads(wire: Any) -> None:
    frames = [wire.ethernet(wire.ip(wire.udp(p, 1234))) for p in [V5, *OTHERS, V9, IPFIX, SFLOW]]
    (found,) = CaptureReading().pieces(io.BytesIO(wire.pcap(frames)))
    assert isinstance(found, Exports)
    assert [found.netflow.payload(n) for n in range(3)] == [V5, V9, IPFIX]
    assert len(found.netflow) == 3
    assert found.sflow.payload(0) == SFLOW
    assert found.netflow.names == ["10.0.0.1"]
    assert found.others.tolist() == list(range(2, 8))
    assert found.last_row == 10


def test_both_formats_hold_the_same(wire: Any) -> None:
    frames = [wire.ethernet(wire.ip(wire.udp(V5), f"10.0.0.{n}")) for n in range(1, 5)]
    for raw in (wire.pcap(frames), wire.pcapng(frames)):
        assert is_capture(raw)
        (found,) = netflow_of(io.BytesIO(raw))
        assert not isinstance(found, Reject)
        assert [found.names[e] for e in found.exporters] == [f"10.0.0.{n}" for n in range(1, 5)]
    assert not is_capture(b"ts,te")


def test_what_is_no_capture_is_a_reject() -> None:
    (found,) = netflow_of(io.BytesIO(b"some text that is no capture"))
    assert isinstance(found, Reject)


def test_at_a_usual_port_what_is_wrong_is_an_export_still(wire: Any) -> None:
    lying = struct.pack("!HHIIIIBBH", 5, 55_582, 9, 9, 0, 0, 0, 0, 0) + bytes(48)
    raw = wire.pcap([wire.ethernet(wire.ip(wire.udp(p, 9995))) for p in (lying, b"text", b"")])
    (found,) = CaptureReading().pieces(io.BytesIO(raw))
    assert isinstance(found, Exports)
    assert found.netflow.payload(0) == lying
    assert found.others.tolist() == [2, 3]
