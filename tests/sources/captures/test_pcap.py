"""pcap."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from sekisho.sources.captures.pcap import PcapScanner


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nano", [False, True])
def test_both_orders_and_clocks(wire: Any, order: str, nano: bool) -> None:
    raw = wire.pcap([b"abcdef"], order=order, nano=nano, link=113, snap=4)
    found: list[Any] = []
    assert PcapScanner().scan(raw, found) == len(raw)
    assert found == [(40, 4, 6, 1_700_000_000_250_000, 113)]
    assert raw[40:44] == b"abcd"


def test_a_packet_that_cannot_be_is_named(wire: Any) -> None:
    raw = wire.pcap([]) + struct.pack("<IIII", 0, 0, 1 << 30, 5)
    with pytest.raises(ValueError, match="cannot be"):
        PcapScanner().scan(raw, [])
    with pytest.raises(ValueError, match="no packet capture"):
        PcapScanner().scan(bytes(30), [])
