"""Pieces of a capture."""

from __future__ import annotations

import io
from typing import Any

import pytest

from sekisho.sources.base import Reject
from sekisho.sources.captures.packets import packet_pieces, padded
from sekisho.sources.captures.pcap import PcapScanner


@pytest.mark.parametrize("block", [10, 100, 1 << 20])
def test_packets_are_numbered_whatever_the_size_of_blocks(wire: Any, block: int) -> None:
    frames = [bytes([n]) * (n + 1) for n in range(30)]
    rows, contents = [], []
    for piece in packet_pieces(io.BytesIO(wire.pcap(frames)), PcapScanner(), block):
        assert not isinstance(piece, Reject)
        rows += piece.rows.tolist()
        ends = zip(piece.starts.tolist(), piece.ends.tolist(), strict=True)
        contents += [piece.data[a:b] for a, b in ends]
    assert rows == list(range(1, 31))
    assert contents == frames


def test_a_capture_that_is_cut_off_gives_what_is_whole(wire: Any) -> None:
    whole = wire.pcap([b"abc", b"defg"])
    first, second = packet_pieces(io.BytesIO(whole[:-1]), PcapScanner())
    assert not isinstance(first, Reject)
    assert len(first) == 1
    assert isinstance(second, Reject)
    assert second.row == 2


def test_zeros_stand_behind_a_buffer() -> None:
    assert padded(b"\x07").tolist() == [7] + [0] * 64
