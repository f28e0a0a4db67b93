"""Reassembly."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.sources.captures.fragments import PACKETS_LIMIT, TIMEOUT, Reassembly

KEY = (1, 2, 3, 4, 5)


@settings(max_examples=80, deadline=None)
@given(st.binary(min_size=9, max_size=400), st.integers(0, 1 << 30), st.integers(1, 6))
def test_any_order_and_copies_make_the_whole(content: bytes, seed: int, size: int) -> None:
    step = size * 8
    pieces = [(at, content[at : at + step]) for at in range(0, len(content), step)]
    chance = random.Random(seed)
    pieces += pieces[:1] if len(pieces) > 1 else []
    chance.shuffle(pieces)
    reassembly = Reassembly()
    results = [
        reassembly.add(KEY, at, piece, 0, more=at + len(piece) < len(content)) for at, piece in pieces
    ]
    assert content in results
    assert [r for r in results if r is not None] == [content]


def test_overlaps_are_thrown_away() -> None:
    reassembly = Reassembly()
    assert reassembly.add(KEY, 0, b"a" * 16, 0, more=True) is None
    assert reassembly.add(KEY, 8, b"b" * 16, 0, more=True) is None
    assert reassembly.add(KEY, 16, b"c" * 8, 0, more=False) is None
    assert reassembly.finish() == 1


def test_what_is_not_whole_is_given_up_by_time_and_number() -> None:
    reassembly = Reassembly()
    reassembly.add(KEY, 0, b"a" * 8, 0, more=True)
    assert reassembly.add(KEY, 8, b"b", TIMEOUT + 1, more=False) is None
    for number in range(PACKETS_LIMIT + 10):
        reassembly.add((number, 0, 0, 0, 0), 0, b"x" * 8, TIMEOUT + 2, more=True)
    assert len(reassembly._waiting) == PACKETS_LIMIT
    assert reassembly.finish() == PACKETS_LIMIT + 12


def test_a_packet_longer_than_any_is_none() -> None:
    reassembly = Reassembly()
    assert reassembly.add(KEY, 65_528, b"x" * 100, 0, more=False) is None
