from __future__ import annotations

import gzip
import io
import random
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.sources import compression
from sekisho.sources.compression import Hashed, decompressed, packed
from sekisho.sources.lines import Damaged

CONTENT = random.Random(3).randbytes(300_000) + b"line\n" * 50_000


def zstd(content: bytes) -> bytes:
    return bytes(pa.compress(content, "zstd", asbytes=True))


PACKERS = {"gzip": gzip.compress, "zstd": zstd}


def opened(raw: bytes) -> BinaryIO:
    stream = decompressed(io.BytesIO(raw), raw[:4])
    assert stream is not None
    return cast("BinaryIO", stream)


def readable(raw: bytes, step: int = 70_000) -> tuple[bytes, str]:
    """All that can be read in steps, and the damage met."""
    stream, parts = opened(raw), []
    try:
        while data := stream.read(step):
            assert len(data) <= step
            parts.append(data)
    except Damaged as damage:
        return b"".join(parts), str(damage)
    return b"".join(parts), ""


@pytest.mark.parametrize("kind", PACKERS)
def test_content_comes_back_in_steps_and_whole(kind: str) -> None:
    raw = PACKERS[kind](CONTENT)
    assert readable(raw) == (CONTENT, "")
    assert opened(raw).read() == CONTENT


@pytest.mark.parametrize("kind", PACKERS)
def test_logs_appended_to_each_other_are_one_content(kind: str) -> None:
    raw = PACKERS[kind](b"first\n") + PACKERS[kind](b"") + PACKERS[kind](b"second\n")
    assert readable(raw) == (b"first\nsecond\n", "")


def test_zero_padding_behind_gzip_is_no_damage_and_other_bytes_are() -> None:
    raw = gzip.compress(b"all\n")
    assert readable(raw + b"\0" * 512) == (b"all\n", "")
    content, damage = readable(raw + b"garbage")
    assert content == b"all\n"
    assert "corrupt after 4 bytes" in damage


@pytest.mark.parametrize("kind", PACKERS)
def test_cut_off_content_gives_what_is_there_and_then_says_so(kind: str) -> None:
    raw = PACKERS[kind](CONTENT)
    content, damage = readable(raw[: len(raw) * 2 // 3])
    assert len(content) > 100_000
    assert CONTENT.startswith(content)
    assert f"the {kind} stream is cut off after {len(content)} bytes" in damage


@pytest.mark.parametrize("kind", PACKERS)
def test_damage_is_told_again_and_not_turned_into_an_end(kind: str) -> None:
    raw = PACKERS[kind](CONTENT)
    stream = opened(raw[: len(raw) // 2])
    for _ in range(2):
        with pytest.raises(Damaged):
            list(iter(lambda: stream.read(1 << 20), b""))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(PACKERS)), st.data())
def test_a_flipped_byte_never_raises_anything_but_damage(kind: str, data: st.DataObject) -> None:
    raw = bytearray(PACKERS[kind](b"some lines\nof a log\n" * 40))
    raw[data.draw(st.integers(4, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    content, damage = readable(bytes(raw), 100)
    assert damage or len(content) <= 100_000


@pytest.mark.parametrize("cut", range(1, 20))
def test_a_gzip_of_a_few_bytes_is_damage_not_an_empty_file(cut: int) -> None:
    raw = gzip.compress(b"x")[:cut]
    if packed(raw[:4]):
        assert "cut off" in readable(raw)[1]
    else:
        assert decompressed(io.BytesIO(raw), raw[:4]) is None


def test_a_bomb_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "_BOMB_SIZE", 1 << 20)
    bomb = zlib.compress(b"\0" * (16 << 20), 9, wbits=31)
    content, damage = readable(bomb)
    assert "times its compressed size" in damage
    assert len(content) < 15 << 20, "it stopped before the whole was there"
    monkeypatch.undo()
    assert readable(bomb)[1] == ""


def test_hashed_passes_on_what_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"abcdef")
    seen: list[bytes] = []
    with path.open("rb") as file:
        stream = Hashed(file, seen.append)
        assert (stream.read(4), stream.read()) == (b"abcd", b"ef")
        assert (stream.size, seen) == (6, [b"abcd", b"ef"])
        stream.close()
        assert file.closed
