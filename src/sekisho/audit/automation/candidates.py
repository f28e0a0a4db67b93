"""Which connections are worth reading raw flows for, from what judging knows of all.

What is known to be regular by itself is left out before it costs anything: time, name service, logs and
directories (by role), what many of the company's hosts do (by prevalence), and what a rule allowed long
before this evidence began: that its job keeps a beat is its purpose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sekisho.audit.automation.contacts import Ints
from sekisho.audit.automation.ends import Ends
from sekisho.audit.automation.prevalence import Prevalence
from sekisho.model.services import service_of
from sekisho.model.verdicts import Rank

ORDINARY = frozenset({"infrastructure", "directory"})
"""Roles whose clients ask by the clock."""
SETTLED = 7 * 86_400_000_000
"""Microseconds: what is first seen so long after evidence begins is new."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Places of the connections to read, and how many there was no room for."""

    places: Ints
    left_out: int


def candidates(
    rank: Ints, protocol: Ints, port: Ints, pair_first: Ints, ends: Ends, since: int
) -> NDArray[np.bool_]:
    """Of each connection whether automation would say something of it. `pair_first` is when its hosts were
    first seen together, `since` when evidence begins; microseconds.
    """
    violating = rank >= Rank.UNMAPPED
    internal = ends.internal
    outbound = (rank == Rank.EXTERNAL) & internal[ends.src]
    fresh = (rank == Rank.AUTHORIZED) & (pair_first >= since + SETTLED)
    open_ = outbound | fresh
    open_ &= ~_common(ends)[ends.peer]
    open_[open_] = ~ordinary(protocol[open_], port[open_])
    wanted: NDArray[np.bool_] = violating | open_
    return wanted


def within(chosen: NDArray[np.bool_], rank: Ints, flows: Ints, ends: Ends, limit: int) -> Chosen:
    """Of the candidates as many as have `limit` flows in all: violations first, then those to the rarest
    peers, the smallest first."""
    places = np.flatnonzero(chosen)
    talked = ends.talked_to_by[ends.peer[places]]
    order = np.lexsort((flows[places], talked, rank[places] < Rank.UNMAPPED))
    places = places[order]
    kept = np.cumsum(flows[places]) <= limit
    return Chosen(np.sort(places[kept]), int((~kept).sum()))


def _common(ends: Ends) -> NDArray[np.bool_]:
    """Of each host whether talking to it is what the company's hosts do."""
    counts = np.unique(ends.talked_to_by)
    known = np.array([Prevalence(int(count), ends.hosts).common for count in counts], dtype=np.bool_)
    return known[np.searchsorted(counts, ends.talked_to_by)]


def ordinary(protocol: Ints, port: Ints) -> NDArray[np.bool_]:
    """Of each connection whether its service is one that hosts use by themselves, by the clock."""
    kinds, place = np.unique(protocol * 65_536 + port, return_inverse=True)
    known = [service_of(int(kind) // 65_536, int(kind) % 65_536) for kind in kinds]
    ordinary = [service is not None and service.role in ORDINARY for service in known]
    return np.array(ordinary, dtype=np.bool_)[place]
