"""Which views belong to one flow, decided on arrays.

All arrays are parallel and sorted by (tuple, at): `tuple_` numbers five-tuples from 0 without gaps,
`sensor` numbers sensors, `at` and `until` are corrected microseconds.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def clusters(tuple_: Ints, sensor: Ints, at: Ints, until: Ints, tight: int, wide: int) -> Ints:
    """For each view the number of its flow.

    First views whose starts lie within `tight` of each other, one per sensor; then, of what stayed
    alone, within `wide`; at last what lies wholly inside another sensor's view of the same five-tuple: a
    fragment of a flow that the other sensor logged whole.
    """
    if not len(at):
        return np.empty(0, dtype=np.int64)
    cluster = _runs(tuple_, sensor, at, tight)
    alone = np.flatnonzero(np.bincount(cluster)[cluster] == 1)
    if len(alone):
        again = _runs(tuple_[alone], sensor[alone], at[alone], wide)
        # A cluster keeps the number of its first member, so numbers stay distinct.
        first = np.full(int(again[-1]) + 1, -1, dtype=np.int64)
        first[again[::-1]] = cluster[alone][::-1]
        cluster[alone] = first[again]
    return _absorb(tuple_, sensor, at, until, cluster, tight)


def _runs(tuple_: Ints, sensor: Ints, at: Ints, within: int) -> Ints:
    """Greedy runs: as long as possible from the first view on, no sensor twice, all within `within`."""
    count = len(at)
    positions = np.arange(count, dtype=np.int64)
    # Where the same sensor sees the same five-tuple next.
    order = np.lexsort((positions, sensor, tuple_))
    follows = (tuple_[order][1:] == tuple_[order][:-1]) & (sensor[order][1:] == sensor[order][:-1])
    same = np.full(count, count, dtype=np.int64)
    same[order[:-1][follows]] = order[1:][follows]
    # The earliest repetition at or after a position bounds every run that begins there.
    repeats = np.minimum.accumulate(same[::-1])[::-1]
    ends = np.minimum(repeats, _reach(tuple_, at, within))
    starts = _orbit(tuple_, ends)
    return np.cumsum(starts) - 1


def _reach(tuple_: Ints, at: Ints, within: int) -> Ints:
    """The first position after each that has another tuple or starts more than `within` later."""
    base = int(at.min())
    width = int(at.max()) - base + within + 1
    if int(tuple_[-1]) + 1 < (1 << 62) // width:
        line = tuple_ * width + (at - base)
        return np.searchsorted(line, line + within, side="right").astype(np.int64)
    # Too wide for one line of 64 bits: tuple by tuple.
    ends = np.empty(len(at), dtype=np.int64)
    cuts = np.flatnonzero(np.diff(tuple_, prepend=-1, append=-1))
    for begin, end in pairwise(cuts.tolist()):
        times = at[begin:end]
        ends[begin:end] = begin + np.searchsorted(times, times + within, side="right")
    return ends


def _orbit(tuple_: Ints, ends: Ints) -> npt.NDArray[np.bool_]:
    """The positions at which runs begin: each tuple's first, then where each run ends."""
    count = len(ends)
    begins = np.zeros(count + 1, dtype=np.bool_)
    begins[:count] = np.diff(tuple_, prepend=-1) != 0
    jump = np.append(ends, count)
    # A run that ends with its tuple jumps to the next tuple's first position, which begins one anyway.
    while True:
        reached = begins.copy()
        reached[jump[np.flatnonzero(begins)]] = True
        if np.array_equal(reached, begins):
            return begins[:count]
        begins, jump = reached, jump[jump]


def _absorb(tuple_: Ints, sensor: Ints, at: Ints, until: Ints, cluster: Ints, slack: int) -> Ints:
    """Give what lies inside another sensor's view to that view's flow."""
    count = len(at)
    members = np.bincount(cluster, minlength=count)
    order = np.lexsort((sensor, tuple_))
    fresh = np.ones(count, dtype=np.bool_)
    fresh[1:] = (tuple_[order][1:] != tuple_[order][:-1]) | (sensor[order][1:] != sensor[order][:-1])
    per_tuple = np.bincount(tuple_[order][fresh])
    kinds = per_tuple[tuple_]
    incomplete = members[cluster] < kinds
    if not incomplete.any():
        return cluster
    # Only five-tuples with something incomplete, renumbered.
    involved = np.flatnonzero(
        np.bincount(tuple_, weights=incomplete, minlength=int(tuple_[-1]) + 1) > 0
    )
    chosen = np.flatnonzero(np.isin(tuple_, involved))
    numbers = np.cumsum(np.diff(tuple_[chosen], prepend=-1) != 0) - 1
    parent = np.arange(int(cluster.max()) + 1, dtype=np.int64)
    part = (numbers, sensor[chosen], at[chosen], until[chosen], cluster[chosen])
    for one in np.unique(sensor[chosen]).tolist():
        covering, covered = _covers(*part, one, incomplete[chosen], slack)
        free = parent[covered] == covered
        parent[covered[free]] = covering[free]
    # A covering flow may itself have been given away.
    while not np.array_equal(parent, parent[parent]):
        parent = parent[parent]
    return parent[cluster]


def _covers(
    tuple_: Ints,
    sensor: Ints,
    at: Ints,
    until: Ints,
    cluster: Ints,
    one: int,
    incomplete: npt.NDArray[np.bool_],
    slack: int,
) -> tuple[Ints, Ints]:
    """(flow of a view of sensor `one`, flow that lies inside it), where it began before."""
    count = len(at)
    base = int(until.min())
    width = int(until.max()) - base + 1
    after = until - base
    if int(tuple_[-1]) + 1 >= (1 << 62) // width:
        # Too wide for one line of 64 bits: the order of the ends is all that is needed.
        after, width = np.unique(until, return_inverse=True)[1].astype(np.int64), count
    mine = sensor == one
    line = np.where(mine, tuple_ * width + after, -1)
    longest = np.maximum.accumulate(line)
    holder = np.maximum.accumulate(np.where(mine & (line == longest), np.arange(count), -1))
    known = (holder >= 0) & ~mine & incomplete
    at_holder = np.where(known, holder, 0)
    known &= tuple_[at_holder] == tuple_
    known &= until <= until[at_holder] + slack
    # Flows are numbered in order; giving only to earlier ones cannot go round in a circle.
    known &= cluster[at_holder] < cluster
    # Whoever begins with the other's view is a flow of its own beside a sensor that has its own view.
    has_one = np.isin(cluster, cluster[mine])
    known &= ~has_one
    return cluster[at_holder][known], cluster[known]
