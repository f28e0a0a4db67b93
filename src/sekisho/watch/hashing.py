"""Numbers of 64 bits that stand for the rows of a table: looking one up costs no Python object.

They are mixed from a seed that is drawn anew each time, so that nobody can choose rows that collide; by chance
two among a million do once in thirty million times.
"""

from __future__ import annotations

import secrets
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Names = npt.NDArray[np.uint64]
_STEPS = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
"""Of SplitMix64 (Steele, Lea, Flood 2014)."""


class Hashing:
    """Hashes of rows; those of one instance may be compared with each other."""

    def __init__(self) -> None:
        self._seed = secrets.token_bytes(16)

    def names(self, rows: pa.Table, columns: tuple[str, ...]) -> Names:
        """One number for each row, by some of its columns: integers or strings."""
        start = np.frombuffer(self._seed[:8], dtype=np.uint64)[0]
        found = np.full(rows.num_rows, start, dtype=np.uint64)
        for name in columns:
            found = _mixed(found ^ self._numbers(rows[name])) * np.uint64(0x9E3779B97F4A7C15)
        return _mixed(found)

    def _numbers(self, column: pa.ChunkedArray) -> Names:
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            whole: Names = column.cast(pa.int64()).to_numpy().astype(np.int64).view(np.uint64)
            return whole
        values = pc.unique(column)
        hashed = [
            int.from_bytes(blake2b(str(one).encode(), digest_size=8, key=self._seed).digest(), "big")
            for one in values.to_pylist()
        ]
        places = pc.index_in(column, values).to_numpy()
        found: Names = np.array(hashed, dtype=np.uint64)[places]
        return found


def _mixed(values: Names) -> Names:
    for shift, factor in _STEPS:
        values = (values ^ values >> np.uint64(shift)) * np.uint64(factor)
    return values ^ values >> np.uint64(31)


def among(values: Names, ordered: Names) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Which values are among others that are in order, and where they are or would be."""
    places = np.searchsorted(ordered, values).astype(np.int64)
    inside = places < len(ordered)
    found = np.zeros(len(values), dtype=np.bool_)
    found[inside] = ordered[places[inside]] == values[inside]
    return found, places
