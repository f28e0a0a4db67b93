"""When connections were used: times and sizes of many connections in one set of arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Contacts:
    """Conversations of many connections, each as one sensor saw it.

    Row by row: `number` of the connection, `start` (microseconds from 1970 UTC), `lasted` (microseconds),
    `sent` (bytes of the initiator). In order of number, then start.
    """

    number: Ints
    start: Ints
    lasted: Ints
    sent: Ints

    @classmethod
    def of(cls, columns: Mapping[str, Sequence[int] | Ints]) -> Contacts:
        """From columns in any order."""
        number, start, lasted, sent = (
            np.asarray(columns[name], dtype=np.int64) for name in ("number", "start", "lasted", "sent")
        )
        order = np.lexsort((start, number))
        return cls(number[order], start[order], lasted[order], sent[order])

    def __len__(self) -> int:
        return len(self.number)

    def where(self, kept: NDArray[np.bool_]) -> Contacts:
        """Some of the rows."""
        return Contacts(self.number[kept], self.start[kept], self.lasted[kept], self.sent[kept])


@dataclass(frozen=True, slots=True)
class Runs:
    """Neighbouring rows that belong together: run i is rows `begin[i]` until `begin[i] + size[i]`."""

    begin: Ints
    size: Ints

    @classmethod
    def of(cls, *columns: Ints) -> Runs:
        """Runs of rows that are equal in every column."""
        rows = len(columns[0])
        if not rows:
            return cls(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
        fresh = np.ones(rows, dtype=np.bool_)
        fresh[1:] = False
        for column in columns:
            fresh[1:] |= column[1:] != column[:-1]
        begin = np.flatnonzero(fresh).astype(np.int64)
        return cls(begin, np.diff(np.append(begin, rows)))

    def __len__(self) -> int:
        return len(self.begin)

    @property
    def place(self) -> Ints:
        """The run of each row."""
        return np.repeat(np.arange(len(self), dtype=np.int64), self.size)
