"""Cutting files into datagrams."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.sources.base import Reject
from sekisho.sources.lines import Damaged
from sekisho.sources.netflow.payloads import LARGEST, looks_like_exports, payload_pieces

SHORT = ((0, 8, 4), (0, 12, 4))


def cut(raw: bytes, block: int = 4 << 20) -> tuple[list[bytes], list[Reject], list[int]]:
    payloads, rejects, rows = [], [], []
    for piece in payload_pieces(io.BytesIO(raw), block):
        if isinstance(piece, Reject):
            rejects.append(piece)
        else:
            payloads += [piece.payload(place) for place in range(len(piece))]
            rows += piece.rows.tolist()
    return payloads, rejects, rows


def datagrams(encoder: Any, chance: random.Random, count: int) -> list[bytes]:
    made = []
    for _ in range(count):
        version = chance.choice([5, 9, 10])
        if version == 5:
            made.append(encoder.v5([{}] * chance.randint(1, 30)))
            continue
        sets = [encoder.template(version, 256, SHORT)] * chance.randrange(2)
        sets += [encoder.data(256, [bytes(8)] * chance.randrange(1, 20))] * chance.randint(1, 3)
        made.append(encoder.message(version, sets))
    return made


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1 << 40), st.integers(50, 5000))
def test_datagrams_come_back_whatever_the_size_of_blocks(encoder: Any, seed: int, block: int) -> None:
    made = datagrams(encoder, random.Random(seed), 12)
    payloads, rejects, rows = cut(b"".join(made), block)
    assert rejects == []
    assert payloads == made
    assert rows == list(range(1, 13))


@pytest.mark.parametrize("block", [7, 1000, 1 << 20])
def test_zeros_between_datagrams_are_passed_over(encoder: Any, block: int) -> None:
    one = encoder.message(9, [encoder.data(256, [bytes(8)])])
    two = encoder.v5([{}])
    payloads, rejects, _ = cut(one + bytes(9000) + two + bytes(3), block)
    assert rejects == []
    assert [payload.rstrip(b"\0") for payload in payloads] == [one.rstrip(b"\0"), two.rstrip(b"\0")]


@pytest.mark.parametrize("version", [5, 10])
def test_a_datagram_that_is_cut_off_is_given_as_far_as_it_goes(encoder: Any, version: int) -> None:
    whole = (
        encoder.v5([{}] * 3) if version == 5 else encoder.message(10, [encoder.data(256, [bytes(90)])])
    )
    assert cut(whole + whole[:-10])[0] == [whole, whole[:-10]]


def test_a_count_that_cannot_be_does_not_swallow_more_than_a_datagram(encoder: Any) -> None:
    raw = encoder.v5([{}] * 3000, count=55_582)
    payloads, _, _ = cut(raw)
    assert len(payloads[0]) == LARGEST


def test_what_begins_no_datagram_ends_the_file(encoder: Any) -> None:
    good = encoder.v5([{}])
    payloads, rejects, _ = cut(good + b"garbage that goes on" * 10 + good)
    assert payloads == [good]
    assert [(reject.row, len(reject.text) <= 512) for reject in rejects] == [(2, True)]
    assert "the rest of the file is not read" in rejects[0].reason


def test_damage_is_named(encoder: Any) -> None:
    class Torn(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            data = super().read(size)
            if not data:
                raise Damaged("the stream is cut off")
            return data

    pieces = list(payload_pieces(Torn(encoder.v5([{}])), 30))
    assert isinstance(pieces[-1], Reject)
    assert "cut off" in pieces[-1].reason


def test_exports_are_told_from_other_content(encoder: Any) -> None:
    for payload in datagrams(encoder, random.Random(1), 20):
        assert looks_like_exports(payload)
    for other in (b"", b"\0\x09" * 20, b"ts,te,td,sa\n" * 9, b"\0\x05\0\0" + bytes(40), b"PAR1" * 9):
        assert not looks_like_exports(other)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", b"\0\x05", b"\0\x09", b"\0\x0a"]))
def test_any_bytes_are_cut_or_named(raw: bytes, begin: bytes) -> None:
    payloads, rejects, _ = cut(begin + raw, 50)
    assert sum(map(len, payloads)) <= len(begin + raw)
    assert len(rejects) <= 1
