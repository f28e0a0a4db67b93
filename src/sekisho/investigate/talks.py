"""Sessions of candidate connections on one clock, each once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sekisho.store.lake import Lake

SAME = 5_000_000
"""Microseconds within which two sensors' sessions of one connection are taken for the same one."""
ENOUGH, TIMES = 4, 3
"""After so many sessions one that carried so many times as much as any of them is unlike them."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A session: from `start` until `end` (microseconds UTC, the sensor's offset taken away), bytes from
    the initiator and to it."""

    start: int
    end: int
    sent: int
    received: int
    sensor: str


@dataclass(slots=True)
class Talks:
    """Established sessions by connection (row of the fabric), in order of time. `pruned` are days (numbers)
    whose raw flows are gone."""

    of: dict[int, tuple[Talk, ...]] = field(default_factory=dict)
    pruned: frozenset[int] = frozenset()

    def after(self, row: int, at: int) -> Talk | None:
        """The first session that begins at `at` or later."""
        found = self.of.get(row, ())
        place = bisect_left(found, at, key=_start)
        return found[place] if place < len(found) else None

    def alive(self, row: int, at: int, slack: int) -> Talk | None:
        """A session that was open at `at`, or ended at most `slack` before, or begins that soon after."""
        found = self.of.get(row, ())
        place = bisect_left(found, at + slack, key=_start)
        for talk in reversed(found[max(0, place - 64) : place]):
            if talk.end + slack >= at:
                return talk
        return None


def _start(talk: Talk) -> int:
    return talk.start


def read(
    lake: Lake, keys: Any, rows: Sequence[int], offsets: Mapping[str, float], talks: Talks
) -> None:
    """Add the sessions of some connections (`keys` in the order of `rows`) to `talks`."""
    found = lake.uses.sessions(keys)
    table = found.rows.filter(found.rows["established"])
    ahead = {name: round(seconds * 1e6) for name, seconds in offsets.items()}
    gathered: dict[int, list[Talk]] = {}
    columns = [
        table[name].to_pylist() for name in ("number", "sensor", "start", "lasted", "sent", "received")
    ]
    for number, sensor, start, lasted, sent, received in zip(*columns, strict=True):
        begin = start - ahead.get(sensor, 0)
        gathered.setdefault(number, []).append(Talk(begin, begin + lasted, sent, received, sensor))
    for number, row in enumerate(rows):
        talks.of[row] = _once(gathered.get(number, []))
    talks.pruned |= frozenset(found.pruned)


def _once(found: list[Talk]) -> tuple[Talk, ...]:
    """Sessions in order; one that another sensor saw begin at the same time is left out."""
    kept: list[Talk] = []
    for talk in sorted(found, key=lambda t: (t.start, t.sensor)):
        twin = any(
            other.sensor != talk.sensor and talk.start - other.start <= SAME for other in kept[-4:]
        )
        if not twin:
            kept.append(talk)
    return tuple(kept)


@dataclass(frozen=True, slots=True)
class Bulk:
    """A session that carried far more bytes (`size`) than any of the `before` sessions before it (`most`)."""

    at: int
    size: int
    most: int
    before: int


def bulks(talks: Sequence[Talk]) -> list[Bulk]:
    """Sessions (in order of time) that carried `TIMES` as much as each of `ENOUGH` and more before them."""
    found, most = [], 0
    for number, talk in enumerate(talks):
        size = talk.sent + talk.received
        if number >= ENOUGH and size >= TIMES * max(most, 1):
            found.append(Bulk(talk.start, size, most, number))
        most = max(most, size)
    return found


def regularity(talks: Sequence[Talk]) -> float:
    """How alike the gaps between sessions are, 0 to 1: 1 less the middle deviation over the median."""
    if len(talks) < 8:
        return 0.0
    gaps = np.diff(np.array([talk.start for talk in talks], dtype=np.float64))
    median = float(np.median(gaps))
    return max(0.0, 1.0 - float(np.median(np.abs(gaps - median))) / median) if median > 0 else 0.0
