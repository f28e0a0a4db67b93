from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from sekisho.sources.forwarding import arriving
from sekisho.sources.forwarding.arriving import append, read_offer
from sekisho.sources.forwarding.screening import Unacceptable
from sekisho.sources.forwarding.wire import LANE_HEADER, NAME_HEADER, Range

GOOD = {NAME_HEADER: "0" * 18 + "42", LANE_HEADER: "late apart", "content-range": "bytes 0-4/9"}


def test_an_offer_is_numbers_and_words_of_ours() -> None:
    offer = read_offer(GOOD)
    assert (offer.number, offer.lane, offer.apart, offer.range) == (42, "late", True, Range(0, 5, 9))
    assert not read_offer(GOOD | {LANE_HEADER: "live"}).apart


@pytest.mark.parametrize(
    "wrong",
    [
        {NAME_HEADER: "../../../../etc/passwd"},
        {NAME_HEADER: "٤" * 20},
        {NAME_HEADER: "9" * 20},
        {NAME_HEADER: "42"},
        {NAME_HEADER: ""},
        {LANE_HEADER: "../live"},
        {LANE_HEADER: "live late"},
        {"content-range": ""},
        {"content-range": "bytes 5-4/9"},
    ],
)
def test_anything_else_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(Unacceptable):
        read_offer(GOOD | wrong)


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def cut(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    raise ConnectionError


def test_what_came_before_the_cut_stays_and_the_rest_goes_on(tmp_path: Path) -> None:
    part = tmp_path / "x.part"

    async def both() -> int:
        with pytest.raises(ConnectionError):
            await append(cut(b"abc", b"de"), part, Range(0, 9, 9))
        assert part.read_bytes() == b"abcde"
        return await append(pieces(b"fg", b"hi"), part, Range(5, 9, 9))

    assert anyio.run(both) == 9
    assert part.read_bytes() == b"abcdefghi"


def test_from_the_start_again(tmp_path: Path) -> None:
    part = tmp_path / "x.part"
    part.write_bytes(b"something longer")
    assert anyio.run(append, pieces(b"ab"), part, Range(0, 5, 5)) == 2
    assert part.read_bytes() == b"ab"


def test_more_than_was_said(tmp_path: Path) -> None:
    part = tmp_path / "x.part"
    with pytest.raises(Unacceptable, match="more bytes"):
        anyio.run(append, pieces(b"ab", b"cd"), part, Range(0, 3, 3))
    assert part.read_bytes() == b"ab"


def test_one_that_stalls_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving, "STALL", 0.01)
    part = tmp_path / "x.part"

    async def stalled() -> AsyncIterator[bytes]:
        yield b"ab"
        await anyio.sleep_forever()

    with pytest.raises(TimeoutError):
        anyio.run(append, stalled(), part, Range(0, 9, 9))
    assert part.read_bytes() == b"ab"
