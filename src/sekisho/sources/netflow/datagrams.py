"""Datagrams of exporters, many in one buffer, so that they are looked at all at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Octets = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Datagrams:
    """UDP payloads in the order in which they came.

    Payload i is `data[starts[i] : starts[i] + sizes[i]]`; all must lie within `data`. `exporters[i]` is
    a place in `names`, the exporters' addresses as text. `arrivals` are microseconds since 1970, 0 where
    nobody noted them. `rows` are the datagrams' numbers in their source.
    """

    data: bytes
    starts: Ints
    sizes: Ints
    exporters: Ints
    names: Sequence[str]
    arrivals: Ints
    rows: Ints

    @classmethod
    def of(cls, items: Iterable[tuple[str, bytes, int]], first_row: int = 1) -> Datagrams:
        """From (exporter, payload, arrival in microseconds), numbered from `first_row`."""
        given = list(items)
        sizes = np.array([len(payload) for _, payload, _ in given], dtype=np.int64)
        names = list(dict.fromkeys(name for name, _, _ in given))
        places = {name: place for place, name in enumerate(names)}
        return cls(
            b"".join(payload for _, payload, _ in given),
            np.cumsum(sizes) - sizes,
            sizes,
            np.array([places[name] for name, _, _ in given], dtype=np.int64),
            names,
            np.array([arrival for _, _, arrival in given], dtype=np.int64),
            np.arange(first_row, first_row + len(given), dtype=np.int64),
        )

    def __len__(self) -> int:
        return len(self.starts)

    def payload(self, index: int, limit: int | None = None) -> bytes:
        """One payload, or the first `limit` bytes of it."""
        start, size = int(self.starts[index]), int(self.sizes[index])
        return self.data[start : start + (size if limit is None else min(size, limit))]


def gathered(octets: Octets, starts: Ints, width: int, kind: np.dtype[np.void]) -> npt.NDArray[np.void]:
    """`width` bytes from each place, as records of `kind`; the places must lie far enough inside."""
    taken = octets[starts[:, np.newaxis] + np.arange(width)]
    return np.ascontiguousarray(taken).view(kind).reshape(len(starts))
