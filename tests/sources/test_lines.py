from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.sources.base import TEXT_LIMIT, Reject
from sekisho.sources.lines import BOM, LINE_LIMIT, Damaged, Lines, blocks_from, line_blocks


class Breaking(io.BytesIO):
    """Gives what it has and then fails, as a stream that was cut off does."""

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        if not data:
            raise Damaged("cut off")
        return data


def numbered(items: list[Lines | Reject]) -> dict[int, bytes | str]:
    found: dict[int, bytes | str] = {}
    for item in items:
        if isinstance(item, Reject):
            new: dict[int, Any] = {item.row: item.reason}
        else:
            assert item.data.endswith(b"\n")
            new = dict(enumerate(item.texts(), item.first))
            assert len(new) == item.count
        assert not new.keys() & found.keys()
        found |= new
    return found


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), st.integers(1, 17))
def test_every_line_comes_once_under_its_number(content: bytes, size: int) -> None:
    text = content
    while text.startswith(BOM):
        text = text.removeprefix(BOM)
    expected = text.split(b"\n")
    if not expected[-1]:
        expected.pop()
    found = numbered(list(line_blocks(io.BytesIO(content), size)))
    assert found == {n: line.removesuffix(b"\r") for n, line in enumerate(expected, 1)}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=9).map(lambda b: b.replace(b"\n", b"")), min_size=1, max_size=12))
def test_pieces_of_lines_are_the_lines(texts: list[bytes]) -> None:
    lines = Lines(5, len(texts), b"".join(text + b"\n" for text in texts))
    for count in range(len(texts) + 1):
        assert lines.take(count).data + lines.drop(count).data == lines.data
        assert (lines.take(count).count, lines.drop(count).first) == (count, 5 + count)
    if len(texts) > 1:
        first, second = lines.split()
        assert first.data + second.data == lines.data
        assert first.count > 0
        assert second.count == len(texts) - first.count > 0
        assert second.first == 5 + first.count
        assert first.data.count(b"\n") == first.count


@pytest.mark.parametrize("size", [1 << 16, 3 << 20, 8 << 20, 32 << 20])
def test_a_line_of_ten_megabytes_is_one_reject_whatever_the_block(size: int) -> None:
    content = b"a\n" + b"x" * 10_000_000 + b"\nb\n" + b"y" * LINE_LIMIT + b"\nc"
    found = list(line_blocks(io.BytesIO(content), size))
    assert numbered(found) == {
        1: b"a",
        2: f"line longer than {LINE_LIMIT} bytes",
        3: b"b",
        4: b"y" * LINE_LIMIT,
        5: b"c",
    }
    (reject,) = (item for item in found if isinstance(item, Reject))
    assert reject.text == b"x" * TEXT_LIMIT


def test_a_line_too_long_without_an_end_is_still_counted() -> None:
    found = numbered(list(line_blocks(io.BytesIO(b"a\n" + b"x" * (LINE_LIMIT + 1)), 1 << 18)))
    assert found == {1: b"a", 2: f"line longer than {LINE_LIMIT} bytes"}


@pytest.mark.parametrize("size", [2, 5, 1 << 20])
def test_damage_keeps_whole_lines_and_names_the_line_it_met(size: int) -> None:
    found = list(line_blocks(Breaking(b"one\ntwo\nthr"), size))
    assert numbered(found) == {1: b"one", 2: b"two", 3: "cut off; everything before this line was kept"}
    assert found[-1] == Reject(3, "cut off; everything before this line was kept", b"thr")


def test_damage_inside_a_line_too_long_is_one_reject() -> None:
    found = list(line_blocks(Breaking(b"one\n" + b"x" * (3 * LINE_LIMIT)), LINE_LIMIT))
    assert [(item.first if isinstance(item, Lines) else item.row) for item in found] == [1, 2]
    assert isinstance(found[-1], Reject)
    assert "cut off" in found[-1].reason


@pytest.mark.parametrize("size", [1, 2, 3, 4, 100])
def test_a_byte_order_mark_is_no_part_of_the_first_line(size: int) -> None:
    content = BOM + b"one\n" + BOM + b"two\n"
    assert numbered(list(line_blocks(io.BytesIO(content), size))) == {1: b"one", 2: BOM + b"two"}
    assert list(line_blocks(io.BytesIO(BOM), size)) == []


def test_what_was_read_earlier_is_left_out_to_the_line() -> None:
    text = b"".join(b"%d\n" % number for number in range(1, 6))
    for first in range(1, 8):
        found = [
            (block.first + index, line)
            for block in blocks_from(io.BytesIO(text), first)
            if isinstance(block, Lines)
            for index, line in enumerate(block.texts())
        ]
        assert found == [(number, b"%d" % number) for number in range(first, 6)]
