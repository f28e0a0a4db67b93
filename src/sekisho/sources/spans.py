"""The times in which a file shows that its sensor was alive."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sekisho.model.flows import Flag
from sekisho.sources.base import Span
from sekisho.sources.times import datetime_of

_DAY = 86_400 * 1_000_000
_PLAUSIBLE = 631_152_000_000_000
"""1990-01-01: nothing logged flows before, but clocks that were never set say 1970."""
_NOT_EVIDENCE = int(Flag.FUTURE | Flag.IMPOSSIBLE_TIME)


class Alive:
    """Gathers the first and last record times of a file.

    A silence of more than a day between records is no evidence of a living sensor: it parts the span.
    Records with an impossible or future time are no evidence either.
    """

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []

    def add(self, flows: pa.Table) -> None:
        """Take the start times of a batch into account."""
        if not flows.num_rows:
            return
        starts = flows["start"].cast(pa.int64()).to_numpy()
        flags = flows["flags"].to_numpy()
        self.saw(starts[(flags & _NOT_EVIDENCE) == 0])

    def saw(self, times: npt.NDArray[np.int64]) -> None:
        """Take times (microseconds) at which the sensor showed that it was alive into account."""
        times = times[times >= _PLAUSIBLE]
        if len(times):
            self._merge(_runs(times))

    def span(self) -> tuple[int, int] | None:
        """First and last, whatever lies between."""
        return (self._spans[0][0], self._spans[-1][1]) if self._spans else None

    def spans(self) -> tuple[Span, ...]:
        """Aware UTC times, in order, not overlapping."""
        return tuple((datetime_of(a), datetime_of(b)) for a, b in self._spans)

    def _merge(self, more: list[tuple[int, int]]) -> None:
        merged: list[tuple[int, int]] = []
        for begin, end in sorted(self._spans + more):
            if merged and begin - merged[-1][1] <= _DAY:
                merged[-1] = (merged[-1][0], max(merged[-1][1], end))
            else:
                merged.append((begin, end))
        self._spans = merged


def _runs(starts: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    first, last = int(starts.min()), int(starts.max())
    if last - first <= _DAY:
        return [(first, last)]
    ordered = np.sort(starts)
    breaks = np.flatnonzero(np.diff(ordered) > _DAY)
    begins = np.concatenate(([0], breaks + 1))
    ends = np.concatenate((breaks, [len(ordered) - 1]))
    return [(int(ordered[a]), int(ordered[b])) for a, b in zip(begins, ends, strict=True)]
