"""Lines cut into cells all at once: separated ones, and values behind keys.

Nothing here fails for what stands in a line: a cell that is not there is null, and so is an empty one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sekisho.sources.lines import Lines

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Letters = npt.NDArray[np.uint8]

_QUOTE, _BACKSLASH, _RETURN, _FEED = 34, 92, 13, 10


@dataclass(frozen=True, slots=True)
class Text:
    """Lines as UTF-8 letters, and where each begins and ends (without its line end)."""

    letters: Letters
    begins: Ints
    ends: Ints

    @classmethod
    def of(cls, lines: Lines) -> Text:
        """Letters of whole lines; bytes that are no UTF-8 become `\\xNN`."""
        data = lines.data
        if not data.isascii():
            try:
                data.decode("utf-8")
            except UnicodeDecodeError:
                data = data.decode("utf-8", "backslashreplace").encode()
        letters = np.frombuffer(data, dtype=np.uint8)
        feeds = np.flatnonzero(letters == _FEED)
        begins = np.concatenate((np.zeros(1, dtype=np.int64), feeds[:-1] + 1))
        returned = (feeds > begins) & (letters[feeds - 1] == _RETURN)
        return cls(letters, begins, feeds - returned)

    def __len__(self) -> int:
        return len(self.begins)

    def only(self, which: Bools | Ints) -> Text:
        """Some of the lines."""
        return Text(self.letters, self.begins[which], self.ends[which])

    def beginning(self, begins: Ints) -> Text:
        """The same lines from other places on."""
        return Text(self.letters, begins, self.ends)

    def lines(self) -> Any:
        """A column of the lines."""
        return self.between(self.begins, self.ends)

    def blank(self) -> Bools:
        """Which lines have nothing but white space."""
        inked = np.flatnonzero(self.letters > 32)
        bare: Bools = np.searchsorted(inked, self.begins) == np.searchsorted(inked, self.ends)
        return bare

    def between(self, begins: Ints, ends: Ints) -> Any:
        """A column of the text between places; null where there is none or `begins` is negative."""
        lengths = np.where(begins < 0, 0, np.maximum(ends - begins, 0))
        offsets = np.zeros(len(begins) + 1, dtype=np.int64)
        np.cumsum(lengths, out=offsets[1:])
        places = np.arange(offsets[-1]) + np.repeat(begins - offsets[:-1], lengths)
        valid = pa.array(lengths > 0).buffers()[1]
        kinds = pa.string() if offsets[-1] < 1 << 31 else pa.large_string()
        width = np.int32 if kinds == pa.string() else np.int64
        buffers = [valid, pa.py_buffer(offsets.astype(width)), pa.py_buffer(self.letters[places])]
        return pa.Array.from_buffers(kinds, len(begins), buffers)

    def marks(self, letter: bytes) -> Ints:
        """Where a letter stands, in these lines or between them."""
        return np.flatnonzero(self.letters == letter[0])

    def owner(self, places: Ints) -> tuple[Ints, Bools]:
        """The line that each place lies in or behind, and whether it lies in one."""
        line = np.searchsorted(self.begins, places, side="right") - 1
        inside = (
            (line >= 0) & (places < self.ends[line]) if len(self) else np.zeros(len(places), np.bool_)
        )
        return line, inside

    def quotes(self, *, escaped: bool) -> Ints:
        """Where double quotes stand; with `escaped` not those behind a backslash that is none's escape."""
        found = self.marks(b'"')
        if escaped and len(found):
            before = self.letters[np.maximum(found - 1, 0)] == _BACKSLASH
            twice = self.letters[np.maximum(found - 2, 0)] == _BACKSLASH
            found = found[~before | twice]
        return found

    def outside(self, places: Ints, quotes: Ints) -> Bools:
        """Which places have an even number of quotes before them in their line."""
        if not len(quotes):
            return np.ones(len(places), dtype=np.bool_)
        line, _ = self.owner(places)
        before = np.searchsorted(quotes, self.begins)
        even: Bools = ((np.searchsorted(quotes, places) - before[line]) & 1) == 0
        return even

    def unbalanced(self, quotes: Ints) -> Bools:
        """Lines whose quotes do not match."""
        odd: Bools = (
            np.searchsorted(quotes, self.ends) - np.searchsorted(quotes, self.begins)
        ) % 2 == 1
        return odd


class Separated:
    """Cells between separators, quoted ones as in CSV (RFC 4180) where `quoted`."""

    def __init__(self, text: Text, separator: bytes, *, quoted: bool = False) -> None:
        self.text = text
        self._quoted = quoted
        marks = text.marks(separator)
        quotes = text.quotes(escaped=False) if quoted else np.zeros(0, dtype=np.int64)
        self._marks = marks[text.outside(marks, quotes)]
        self._first = np.searchsorted(self._marks, text.begins)
        self.counts: Ints = np.searchsorted(self._marks, text.ends) - self._first + 1
        self.unbalanced = text.unbalanced(quotes)

    def column(self, place: int) -> Any:
        """The cells at a place, from 0; null where a line has fewer or it is empty."""
        begins, ends = self._edge(place) + (place > 0), self._edge(place + 1)
        there = self.counts > place
        if self._quoted:
            letters = self.text.letters
            wide = there & (ends - begins >= 2)
            at = np.where(wide, begins, 0)
            shut = np.where(wide, ends - 1, 0)
            wrapped = wide & (letters[at] == _QUOTE) & (letters[shut] == _QUOTE)
            begins, ends = begins + wrapped, ends - wrapped
        return self.text.between(np.where(there, begins, -1), ends)

    def _edge(self, place: int) -> Ints:
        """Where the cell at `place` is bounded on its left."""
        if place == 0 or not len(self._marks):
            return self.text.begins if place == 0 else self.text.ends
        wanted = np.minimum(self._first + place - 1, len(self._marks) - 1)
        edge: Ints = np.where(place < self.counts, self._marks[wanted], self.text.ends)
        return edge


class Pairs:
    """Values behind keys, in any order: `key=value key="two words"`, `key:"value"; …`.

    A key counts outside quotes only, where a boundary or the beginning of its line stands before it; of a
    key that comes twice the first stands. A bare value ends at a boundary; without `quoted` all are bare.
    """

    def __init__(
        self,
        text: Text,
        *,
        equals: bytes = b"=",
        boundaries: bytes = b" ",
        quoted: bool = True,
        escaped: bool = True,
    ) -> None:
        self.text = text
        none = np.zeros(0, dtype=np.int64)
        self._quotes = text.quotes(escaped=escaped) if quoted else none
        marks = text.marks(equals)
        marks = marks[(marks > 0) & text.outside(marks, self._quotes)]
        if escaped and not quoted:
            marks = marks[text.letters[marks - 1] != _BACKSLASH]
        line, inside = text.owner(marks)
        self._marks, self._line = marks[inside], line[inside]
        letters = text.letters
        self._tails = letters[self._marks - 1].astype(np.uint16) << 8 | letters[self._marks - 2]
        is_boundary = np.zeros(256, dtype=np.bool_)
        is_boundary[list(boundaries)] = True
        self._is_boundary = is_boundary
        self._boundaries = np.flatnonzero(is_boundary[letters])
        self.unbalanced = text.unbalanced(self._quotes)

    def column(self, key: str) -> Any:
        """The values of a key of at least two letters; null where a line has none."""
        name = key.encode("utf-8", "replace")
        if len(name) < 2:
            return pa.nulls(len(self.text), pa.string())
        at = np.flatnonzero(self._tails == (name[-1] << 8 | name[-2]))
        marks, line = self._marks[at], self._line[at]
        starts = marks - len(name)
        begins = self.text.begins[line]
        letters = self.text.letters
        before = letters[np.maximum(starts - 1, 0)]
        good = (starts >= begins) & ((starts == begins) | self._is_boundary[before])
        for offset, letter in enumerate(name[:-2]):
            good &= letters[starts + offset] == letter
        marks, line = marks[good], line[good]
        values = np.full(len(self.text), -1, dtype=np.int64)
        values[line[::-1]] = marks[::-1] + 1
        return self._values(values)

    def _values(self, begins: Ints) -> Any:
        ends = self.text.ends
        there = begins >= 0
        there &= begins < ends
        at = np.where(there, begins, 0)
        stop = np.minimum(_next(self._boundaries, at, ends), ends)
        if len(self._quotes):
            wrapped = there & (self.text.letters[at] == _QUOTE)
            shut = _next(self._quotes, at + 1, ends)
            there &= ~wrapped | (shut < ends)
            begins, stop = begins + wrapped, np.where(wrapped, shut, stop)
        return self.text.between(np.where(there, begins, -1), stop)


def _next(places: Ints, at: Ints, otherwise: Ints) -> Ints:
    """The first of `places` at or behind each `at`."""
    if not len(places):
        return otherwise
    index = np.searchsorted(places, at)
    found: Ints = np.where(index < len(places), places[np.minimum(index, len(places) - 1)], otherwise)
    return found
