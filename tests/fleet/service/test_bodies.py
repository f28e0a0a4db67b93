from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator

import pytest

from sekisho.fleet.service.bodies import Body, Room
from sekisho.fleet.service.wire import Refused

KEY = "k" * 43


async def chunks(*parts: bytes, told: list[int] | None = None) -> AsyncIterator[bytes]:
    for n, part in enumerate(parts):
        if told is not None:
            told.append(n)
        yield part


def read(*parts: bytes, length: str = "", encoding: str = "", told: list[int] | None = None) -> bytes:
    room = Room(10_000)
    try:
        with Body(room, 1000) as body:
            found = asyncio.run(body.read(chunks(*parts, told=told), length, encoding))
            assert room.held == len(found)
            return found
    finally:
        assert room.held == 0


def test_a_body_is_read_whole() -> None:
    assert read(b"ab", b"", b"cd") == b"abcd"


def test_a_body_that_says_it_is_too_large_is_not_begun() -> None:
    told: list[int] = []
    with pytest.raises(Refused, match="at most 1000") as refused:
        read(b"x", length="100000000", told=told)
    assert (refused.value.reason, refused.value.status, told) == ("too_large", 413, [])


def test_a_body_that_does_not_say_so_is_refused_while_it_streams() -> None:
    told: list[int] = []
    with pytest.raises(Refused, match="at most 1000"):
        read(*[b"x" * 100] * 1_000_000, told=told)
    assert len(told) == 11


def test_gzip_is_unpacked_within_the_same_bound() -> None:
    packed = gzip.compress(b"x" * 1000)
    assert read(packed[:10], packed[10:], encoding="gzip") == b"x" * 1000
    with pytest.raises(Refused, match="at most 1000") as bomb:
        read(gzip.compress(b"\0" * 100_000_000), encoding="gzip")
    assert bomb.value.reason == "too_large"


@pytest.mark.parametrize(
    "body", [b"no gzip", gzip.compress(b"x", mtime=0)[:-1], gzip.compress(b"x", mtime=0) + b"more", b""]
)
def test_what_is_no_whole_gzip_stream_is_refused(body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read(body, encoding="gzip")
    assert refused.value.reason == "compressed"


def test_an_encoding_that_is_not_known() -> None:
    with pytest.raises(Refused, match="br"):
        read(b"x", encoding="br")


def test_many_bodies_together_are_bounded() -> None:
    room = Room(150)
    with Body(room, 100) as one, Body(room, 100) as two:
        asyncio.run(one.read(chunks(b"x" * 100), "", ""))
        with pytest.raises(Refused) as refused:
            asyncio.run(two.read(chunks(b"x" * 51), "", ""))
        assert (refused.value.reason, refused.value.status) == ("no_room", 503)
        asyncio.run(two.read(chunks(b"x" * 50), "", ""))
    assert room.held == 0


def test_the_key_at_the_beginning_says_whose_it_was() -> None:
    with Body(Room(1000), 100) as body:
        begin = b'{"node_key": "' + KEY.encode() + b'", "queries": {'
        with pytest.raises(Refused):
            asyncio.run(body.read(chunks(begin, b"x" * 100), "", ""))
        assert body.key_in_part() == KEY
    assert Body(Room(1), 1).key_in_part() == ""
