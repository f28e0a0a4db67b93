"""`initiates`: a server that had only answered begins to initiate.

Of connections that leave its site, without what hosts do by themselves (name service, time, logs,
directories): a host that was asked by others for two weeks and more and never asked anybody, and then does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sekisho.audit.automation.contacts import Ints
from sekisho.audit.automation.ends import Ends

ANSWERED = 14 * 86_400_000_000
"""Microseconds."""
ID = "initiates"


@dataclass(frozen=True, slots=True)
class Turned:
    """`place` of the first connection that it began, since when it had answered, and how many clients."""

    place: int
    answered_since: int
    clients: int


def turned(
    ends: Ends, first: Ints, crossing: NDArray[np.bool_], ordinary: NDArray[np.bool_], since: int
) -> list[Turned]:
    """Hosts that turned. `first` is when each connection was first seen, `crossing` whether it leaves a site,
    `ordinary` whether it is what hosts do by themselves; what began before `since` is left out. Microseconds.
    """
    hosts = len(ends.site)
    never = np.iinfo(np.int64).max
    asked, answered = np.full(hosts, never), np.full(hosts, never)
    begun = crossing & ~ordinary
    np.minimum.at(asked, ends.src[begun], first[begun])
    np.minimum.at(answered, ends.dst[crossing], first[crossing])
    seen = (answered < never) & (asked < never)
    host = np.zeros(hosts, dtype=np.bool_)
    host[seen] = (
        ends.internal[seen] & (asked[seen] - answered[seen] >= ANSWERED) & (asked[seen] >= since)
    )
    of = begun & host[ends.src] & (first == asked[ends.src])
    found = {}
    for place in np.flatnonzero(of).tolist():
        server = int(ends.src[place])
        before = crossing & (ends.dst == server) & (first < asked[server])
        found[server] = Turned(place, int(answered[server]), len(np.unique(ends.src[before])))
    return [found[server] for server in sorted(found)]
