"""Cutting a stream into blocks of whole lines, with numbers, within bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from sekisho.sources.base import Reject

LINE_LIMIT = 1 << 20
"""Bytes from which a line is skipped; no flow record comes near."""
BLOCK_SIZE = 8 << 20
BOM = b"\xef\xbb\xbf"
"""A byte order mark, which some programs write before UTF-8 text; it is no part of the first line."""


class Damaged(Exception):
    """The stream cannot be read further: cut off or corrupt. Everything before it was given."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Whole lines of the input. `first` is the number of the first one; all end with a line feed.

    Lines that do not follow one another in the input have their `numbers`.
    """

    first: int
    count: int
    data: bytes
    numbers: tuple[int, ...] | None = None

    def split(self) -> tuple[Lines, Lines]:
        """Two halves of about equal size; needs at least two lines."""
        middle = self.data.find(b"\n", len(self.data) // 2) + 1
        if middle >= len(self.data):
            middle = self.data.rfind(b"\n", 0, len(self.data) - 1) + 1
        count = self.data.count(b"\n", 0, middle)
        if self.numbers is not None:
            parts = (
                (self.numbers[:count], self.data[:middle]),
                (self.numbers[count:], self.data[middle:]),
            )
            first, second = (Lines(own[0], len(own), data, own) for own, data in parts)
            return first, second
        return (
            Lines(self.first, count, self.data[:middle]),
            Lines(self.first + count, self.count - count, self.data[middle:]),
        )

    def drop(self, count: int) -> Lines:
        """Without the first `count` lines."""
        if count <= 0:
            return self
        ends = self.ends()
        return Lines(self.first + count, self.count - count, self.data[int(ends[count - 1]) + 1 :])

    def take(self, count: int) -> Lines:
        """The first `count` lines."""
        ends = self.ends()
        return Lines(self.first, count, self.data[: int(ends[count - 1]) + 1 if count else 0])

    def numbered(self) -> Iterator[tuple[int, bytes]]:
        """(number, text) of each line."""
        return zip(
            self.numbers or range(self.first, self.first + self.count), self.texts(), strict=True
        )

    def ends(self) -> npt.NDArray[np.int64]:
        """Where each line's line feed is."""
        return np.flatnonzero(np.frombuffer(self.data, dtype=np.uint8) == 10)

    def texts(self) -> list[bytes]:
        """The lines without their ends."""
        return [line.removesuffix(b"\r") for line in self.data.split(b"\n")[: self.count]]


def line_blocks(stream: BinaryIO, size: int = BLOCK_SIZE) -> Iterator[Lines | Reject]:
    """Blocks of whole lines in order, and a Reject for each line that is too long or was cut off.

    A stream that turns out to be damaged ends with a Reject whose row is the line at that place. A last
    line without a line feed is given with one. Holds at most `size` and one line limit in memory.
    """
    row = 1
    carry = b""
    while True:
        try:
            chunk = stream.read(size)
        except Damaged as damage:
            cut = carry.rfind(b"\n") + 1
            for item in _bounded(carry[:cut], row) if cut else ():
                yield item
                row = _next_row(item)
            yield Reject.of(row, f"{damage}; everything before this line was kept", carry[cut:])
            return
        if not chunk:
            break
        while row == 1 and (carry + chunk[: len(BOM)]).startswith(BOM):
            carry, chunk = b"", (carry + chunk)[len(BOM) :]
        cut = chunk.rfind(b"\n") + 1
        if not cut:
            carry += chunk
        else:
            whole, carry = b"".join((carry, memoryview(chunk)[:cut])), chunk[cut:]
            for item in _bounded(whole, row):
                yield item
                row = _next_row(item)
        if len(carry) > LINE_LIMIT:
            start = carry[:LINE_LIMIT]
            try:
                carry = _skip_line(stream, size)
            except Damaged as damage:
                yield Reject.of(row, f"{damage}; everything before this line was kept", start)
                return
            yield _too_long(row, start)
            row += 1
    if carry:
        yield from _bounded(carry if carry.endswith(b"\n") else carry + b"\n", row)


def _next_row(item: Lines | Reject) -> int:
    return item.first + item.count if isinstance(item, Lines) else item.row + 1


def _bounded(data: bytes, row: int) -> Iterator[Lines | Reject]:
    """Whole lines, those over the limit taken out."""
    if not _may_hold_long_line(data):
        yield Lines(row, data.count(b"\n"), data)
        return
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == 10)
    lengths = np.diff(ends, prepend=-1) - 1
    begin, done = 0, 0
    for index in np.flatnonzero(lengths > LINE_LIMIT).tolist():
        start = int(ends[index - 1]) + 1 if index else 0
        if index > done:
            yield Lines(row + done, index - done, data[begin:start])
        yield _too_long(row + index, data[start : start + LINE_LIMIT])
        begin, done = int(ends[index]) + 1, index + 1
    if done < len(ends):
        yield Lines(row + done, len(ends) - done, data[begin:])


def _may_hold_long_line(data: bytes) -> bool:
    """A line over the limit covers a whole aligned half-limit window: look for one without an end."""
    window = LINE_LIMIT // 2
    return any(
        data.find(b"\n", start, start + window) < 0 for start in range(0, len(data) - window, window)
    )


def _skip_line(stream: BinaryIO, size: int) -> bytes:
    """Go past the rest of a line without holding it; what stands behind it in the last chunk."""
    while chunk := stream.read(size):
        end = chunk.find(b"\n")
        if end >= 0:
            return chunk[end + 1 :]
    return b""


def _too_long(row: int, start: bytes) -> Reject:
    return Reject.of(row, f"line longer than {LINE_LIMIT} bytes", start)


def blocks_from(stream: BinaryIO, first_row: int) -> Iterator[Lines | Reject]:
    """The blocks of a stream without the lines before `first_row`, which were read earlier."""
    for block in line_blocks(stream):
        if isinstance(block, Reject):
            if block.row >= first_row:
                yield block
            continue
        rest = block.drop(min(first_row - block.first, block.count))
        if rest.count:
            yield rest
