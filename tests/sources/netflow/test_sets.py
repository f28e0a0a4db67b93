"""Walking sets, all messages at once and one by one alike."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from sekisho.sources.netflow.datagrams import Datagrams
from sekisho.sources.netflow.messages import parse
from sekisho.sources.netflow.sets import walk


def walked(payloads: list[bytes]) -> tuple[list[tuple[int, int, int]], list[int]]:
    datagrams = Datagrams.of([("a", payload, 0) for payload in payloads])
    versions, _ = parse(datagrams)
    sets, broken = walk(datagrams.data, versions[0])
    triples = zip(sets.message.tolist(), sets.id.tolist(), sets.size.tolist(), strict=True)
    return list(triples), broken.tolist()


@pytest.mark.parametrize("copies", [1, 40])
def test_sets_come_in_the_order_of_their_messages(encoder: Any, copies: int) -> None:
    one = encoder.message(9, [encoder.data(256, [b"abcd"]), encoder.data(257, [])])
    two = encoder.message(9, [encoder.data(300, [b"xyz"])])
    found, broken = walked([one, two] * copies)
    assert broken == []
    assert found[:3] == [(0, 256, 4), (0, 257, 0), (1, 300, 3)]
    assert len(found) == 3 * copies


@pytest.mark.parametrize("copies", [1, 40])
@pytest.mark.parametrize("length", [1, 3, 9, 65535])
def test_a_set_of_impossible_length_ends_its_message(encoder: Any, copies: int, length: int) -> None:
    bad = encoder.message(9, [encoder.data(256, [b"ab"]), struct.pack("!HHI", 300, length, 0)])
    good = encoder.message(9, [encoder.data(257, [b"abcd"])])
    found, broken = walked([bad, good] * copies)
    assert broken == list(range(0, 2 * copies, 2))
    assert found[:2] == [(0, 256, 2), (1, 257, 4)]


def test_zeros_fill_a_datagram_up(encoder: Any) -> None:
    found, broken = walked([encoder.message(9, [encoder.data(256, [b"ab"]), bytes(900)])])
    assert (found, broken) == ([(0, 256, 2)], [])
