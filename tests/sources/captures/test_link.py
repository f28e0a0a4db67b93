"""Frames."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest

from sekisho.sources.captures.link import NOWHERE, ip_starts
from sekisho.sources.captures.packets import padded

IP = b"\x45" + bytes(19)


@pytest.mark.parametrize(
    ("frame", "link", "at"),
    [
        (bytes(12) + b"\x08\x00" + IP, 1, 14),
        (bytes(12) + b"\x81\x00\0\5\x86\xdd" + IP, 1, 18),
        (bytes(12) + b"\x88\xa8\0\5\x81\x00\0\6\x08\x00" + IP, 1, 22),
        (bytes(12) + b"\x08\x06" + IP, 1, NOWHERE),
        (IP, 101, 0),
        (b"\2\0\0\0" + IP, 0, 4),
        (bytes(14) + b"\x08\x00" + IP, 113, 16),
        (b"\x08\x00" + bytes(18) + IP, 276, 20),
        (b"\x08\x06" + bytes(18) + IP, 276, NOWHERE),
        (IP, 147, NOWHERE),
        (b"\0", 1, NOWHERE),
    ],
)
def test_where_ip_begins(frame: bytes, link: int, at: int) -> None:
    octets = padded(b"xyz" + frame)
    found = ip_starts(octets, np.array([3]), np.array([link]))
    assert found.tolist() == [at if at == NOWHERE else at + 3]


def test_link_types_may_be_mixed(wire: Any) -> None:
    data = wire.ethernet(IP) + struct.pack("!HHH", 0, 1, 0) + IP
    assert ip_starts(padded(data), np.array([0, 40]), np.array([1, 101])).tolist() == [14, 40]
