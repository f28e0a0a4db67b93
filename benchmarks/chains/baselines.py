"""Simpler ways from the same finding, on the same sessions: rare and never-seen edges, and paths by delay.

- never-seen edge: pairs of company hosts first seen after the first week, as far as they hang together with
  the finding's (on LANL's events single such edges found 72 % of the red team's at 4.4 % false ones);
- rare edge: the same with pairs that were seen on at most two days of the month;
- delay: from the finding's sessions on, each session that its host opens within the delay after one came in,
  and backwards alike (Apruzzese et al., Detection and threat prioritization of pivoting attacks, 2020).

They are held against the steps between hosts of the company only, either way round, which is in their favour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.chains.truth import TrueChain
from sekisho.model.addresses import key, parse_address
from sekisho.store.lake import Lake
from sekisho.store.shapes import CONNECTIONS

DELAYS = {"delay, 1 s": 1.0, "delay, 1 h": 3600.0, "delay, 72 h": 72 * 3600.0}
DAY = 86_400_000_000
WEEK = 7 * DAY
Ints = NDArray[np.int64]
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sessions:
    """Established sessions between company hosts in order of time: ends as numbers, microseconds UTC, and
    the number of each (realm, hi, lo)."""

    src: Ints
    dst: Ints
    start: Ints
    number: dict[tuple[str, int, int], int]

    @classmethod
    def of(cls, lake: Lake, connections: pa.Table) -> Sessions:
        """All sessions of some connections (keys), each sensor's clock corrected."""
        asked = connections.select(CONNECTIONS.names)
        rows = lake.uses.sessions(asked).rows
        rows = rows.filter(rows["established"])
        ends: dict[tuple[str, int, int], int] = {}
        sides = []
        for side in ("src", "dst"):
            columns = (asked[f"{side}_{part}"].to_pylist() for part in ("realm", "hi", "lo"))
            sides.append(
                np.array([ends.setdefault(end, len(ends)) for end in zip(*columns, strict=True)])
            )
        of = rows["number"].to_numpy()
        ahead = {name: round(seconds * 1e6) for name, seconds in lake.offsets().items()}
        late = np.array([ahead.get(name, 0) for name in rows["sensor"].to_pylist()], dtype=np.int64)
        start = rows["start"].to_numpy() - late
        order = np.argsort(start, kind="stable")
        return cls(sides[0][of][order], sides[1][of][order], start[order], ends)

    def pairs(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Each pair's ends, first time and number of days."""
        width = len(self.number) + 1
        of, place = np.unique(self.src * width + self.dst, return_inverse=True)
        first = np.full(len(of), np.iinfo(np.int64).max)
        np.minimum.at(first, place, self.start)
        days = np.unique(place * 100_000 + self.start // DAY) // 100_000
        return of // width, of % width, first, np.bincount(days, minlength=len(of))


def told(sessions: Sessions, seed: Pair) -> dict[str, set[Pair]]:
    """What each way tells of a seed (a pair of hosts)."""
    src, dst, first, days = sessions.pairs()
    begin = int(sessions.start.min(initial=np.iinfo(np.int64).max))
    found = {
        "never-seen edge": _together(src, dst, first >= begin + WEEK, seed),
        "rare edge": _together(src, dst, days <= 2, seed),
    }
    for name, seconds in DELAYS.items():
        found[name] = _delayed(sessions, seed, int(seconds * 1e6))
    return found


def held(chain: TrueChain, sessions: Sessions) -> set[Pair]:
    """The chain's steps between hosts of the company, as pairs."""
    found = set()
    for step in chain.visible:
        if step.inside:
            ends = [
                sessions.number.get(("", *key(parse_address(a))))
                for a in (step.src_address, step.dst_address)
            ]
            if ends[0] is not None and ends[1] is not None:
                found.add((ends[0], ends[1]))
    return found


def _together(src: Ints, dst: Ints, kept: NDArray[np.bool_], seed: Pair) -> set[Pair]:
    near: dict[int, list[Pair]] = {}
    for pair in zip(src[kept].tolist(), dst[kept].tolist(), strict=True):
        near.setdefault(pair[0], []).append(pair)
        near.setdefault(pair[1], []).append(pair)
    seen, edge = set(seed), list(seed)
    found = {seed}
    while edge:
        for pair in near.get(edge.pop(), ()):
            found.add(pair)
            fresh = set(pair) - seen
            seen |= fresh
            edge += fresh
    return found


def _delayed(sessions: Sessions, seed: Pair, delay: int) -> set[Pair]:
    rows = list(zip(sessions.src.tolist(), sessions.dst.tolist(), sessions.start.tolist(), strict=True))
    onwards = _swept(rows, seed, delay, lambda row: (row[0], row[1], row[2]))
    backwards = _swept(reversed(rows), seed, delay, lambda row: (row[1], row[0], -row[2]))
    return {seed} | onwards | {(dst, src) for src, dst in backwards}


def _swept(
    rows: Iterable[tuple[int, int, int]],
    seed: Pair,
    delay: int,
    way: Callable[[tuple[int, int, int]], tuple[int, int, int]],
) -> set[Pair]:
    """One pass in order of time: who was reached lately, and what left from there."""
    reached: dict[int, int] = {}
    found: set[Pair] = set()
    for row in rows:
        tail, head, at = way(row)
        if row[:2] == seed:
            reached[head] = at
        elif tail in reached and at - reached[tail] <= delay:
            found.add((tail, head))
            reached[head] = at
    return found
