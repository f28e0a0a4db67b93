"""Which sealed segments go now, and which go beside them: a returning site is live again at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sekisho.sources.journal.segments import SealedSegment

LAG = 60_000_000
"""Microseconds. A live lane further behind starts again at the newest segment; the rest becomes late."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """Two lanes, each in the order of time. `boundary` is the first name that is live."""

    boundary: str
    live: tuple[SealedSegment, ...]
    late: tuple[SealedSegment, ...]


def divide(pending: Sequence[SealedSegment], boundary: str, now: int, lag: int = LAG) -> Lanes:
    """Divide what is pending, in order, at `boundary`, and move that where live has fallen behind.

    `now` in microseconds UTC by the clock that named the segments.
    """
    live = [one for one in pending if one.name >= boundary]
    if live and now - live[0].begun_at > lag:
        boundary = live[-1].name
        live = live[-1:]
    return Lanes(boundary, tuple(live), tuple(one for one in pending if one.name < boundary))
