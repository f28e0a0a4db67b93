"""pcapng."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from sekisho.sources.captures.pcapng import PcapngScanner


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("resolution", [3, 6, 9])
def test_both_orders_and_any_clock(wire: Any, order: str, resolution: int) -> None:
    raw = wire.pcapng([b"abcde", b"f"], order=order, resolution=resolution, link=101)
    found: list[Any] = []
    assert PcapngScanner().scan(raw, found) == len(raw)
    assert [(raw[a : a + n], t, link) for a, n, _, t, link in found] == [
        (b"abcde", 1_700_000_000_000_000, 101),
        (b"f", 1_700_000_001_000_000, 101),
    ]


def test_sections_have_interfaces_of_their_own_and_other_blocks_are_passed_over(wire: Any) -> None:
    raw = wire.pcapng([b"a"], link=1) + wire.block(4, b"names...") + wire.pcapng([b"b"], link=113)
    raw += wire.block(3, struct.pack("<I", 3) + b"xyz")
    found: list[Any] = []
    assert PcapngScanner().scan(raw, found) == len(raw)
    assert [(raw[a : a + n], link) for a, n, _, _, link in found] == [
        (b"a", 1),
        (b"b", 113),
        (b"xyz", 113),
    ]
    assert found[2][3] == 0


@pytest.mark.parametrize(
    "more",
    [
        struct.pack("<III", 6, 8, 8),
        struct.pack("<III", 6, 13, 13),
        struct.pack("<III", 6, 1 << 30, 0),
        struct.pack("<IIIIIIII", 6, 32, 9, 0, 0, 0, 0, 32),
        struct.pack("<IIIIIIII", 6, 32, 0, 0, 0, 99, 99, 32),
        struct.pack("<III", 0x0A0D0D0A, 28, 0),
    ],
)
def test_blocks_that_lie_are_named(wire: Any, more: bytes) -> None:
    with pytest.raises(ValueError, match=r"cannot be|nothing describes|does not fit|byte order"):
        PcapngScanner().scan(wire.pcapng([]) + more + bytes(40), [])
