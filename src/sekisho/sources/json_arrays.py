"""A JSON array of records as one record a line, so that all else need know lines only."""

from __future__ import annotations

import io
from typing import BinaryIO, cast

import numpy as np
import numpy.typing as npt

from sekisho.sources.lines import BOM, Damaged

Bytes = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]

_CHUNK = 1 << 20
_SPACES = b" \t\r\n"
_QUOTE, _BACKSLASH, _COMMA, _NEWLINE = 34, 92, 44, 10


def unwrapped(stream: BinaryIO) -> BinaryIO:
    """The stream itself, or where it holds arrays, their elements one a line.

    Line feeds within an element become spaces: JSON has them between its words only. An element that
    does not end is given as far as it goes.
    """
    start = b""
    while True:
        try:
            chunk = stream.read(_CHUNK)
        except Damaged:
            # It says so again to whoever has read what came before.
            chunk = b""
        start += chunk
        bare = start.removeprefix(BOM).lstrip(_SPACES)
        if bare or not chunk or len(start) > _CHUNK:
            break
    whole = put_back(start, stream)
    return cast("BinaryIO", _Elements(whole)) if bare.startswith(b"[") else whole


def put_back(start: bytes, rest: BinaryIO) -> BinaryIO:
    """A stream that gives `start` and then what `rest` gives."""
    return cast("BinaryIO", _Chained(start, rest))


class _Chained(io.RawIOBase):
    """What was read already, then the rest."""

    def __init__(self, start: bytes, rest: BinaryIO) -> None:
        self._start = start
        self._rest = rest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self._start:
            wanted = len(self._start) if size < 0 else size
            data, self._start = self._start[:wanted], self._start[wanted:]
            return data
        return self._rest.read(size)


class _Elements(io.RawIOBase):
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._depth = 0
        self._quoted = False
        self._escaped = False
        self._ready = bytearray()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes of lines; raises what the stream raises."""
        wanted = 1 << 62 if size < 0 else size
        while len(self._ready) < wanted if size < 0 else not self._ready:
            try:
                data = self._stream.read(_CHUNK)
            except Damaged:
                if not self._ready:
                    raise
                break
            if not data:
                break
            self._ready += self._lines(data)
        given = bytes(self._ready[:wanted])
        del self._ready[: len(given)]
        return given

    def _lines(self, data: bytes) -> bytes:
        letters = np.frombuffer(data.removeprefix(BOM), dtype=np.uint8)
        if not len(letters):
            return b""
        quoted = self._inside(letters)
        # Setting bit 0x20 makes [ of { and ] of }: both pairs nest alike.
        folded = letters | 0x20
        opened, closed = (folded == ord("{")) & ~quoted, (folded == ord("}")) & ~quoted
        depth = self._depth + np.cumsum(opened.astype(np.int32) - closed.astype(np.int32))
        self._depth = int(depth[-1])
        outer = (depth <= 1) & ~quoted & ~(closed & (depth == 1))
        space = (letters <= 32) & ~quoted
        brackets = (opened & (depth == 1) & (letters == ord("["))) | (closed & (depth == 0))
        ends = outer & ((letters == _COMMA) & (depth == 1) | (closed & (depth == 0)))
        result: Bytes = np.where(ends, np.uint8(_NEWLINE), letters)
        result[((letters == _NEWLINE) | (letters == ord("\r"))) & ~ends] = ord(" ")
        kept = ends | ~(outer & (space | brackets))
        return bytes(result[kept])

    def _inside(self, letters: Bytes) -> Bools:
        """Which letters stand in a string, its opening quote included."""
        quotes = letters == _QUOTE
        self._forget_escaped(letters, quotes)
        inside: Bools = ((np.cumsum(quotes, dtype=np.int32) + self._quoted) & 1).astype(np.bool_)
        self._quoted = bool(inside[-1])
        return inside

    def _forget_escaped(self, letters: Bytes, quotes: Bools) -> None:
        """Take out the quotes that follow an odd number of backslashes."""
        slashes = np.flatnonzero(letters == _BACKSLASH)
        if not len(slashes):
            if self._escaped:
                quotes[0] = False
            self._escaped = False
            return
        first = np.concatenate(([True], np.diff(slashes) > 1))
        begins = slashes[first]
        ends = slashes[np.concatenate((first[1:], [True]))]
        odd = ((ends - begins) & 1) == 0
        if self._escaped:
            # The piece before ended with an odd run, which goes on here or ends at once.
            if begins[0] == 0:
                odd[0] = not odd[0]
            else:
                quotes[0] = False
        after = ends[odd] + 1
        self._escaped = bool(len(after)) and int(after[-1]) == len(letters)
        quotes[after[: len(after) - self._escaped]] = False
