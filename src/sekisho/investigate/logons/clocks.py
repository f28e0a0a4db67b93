"""How far the clocks of hosts that write their own logs run ahead, from what flows saw of the same sessions."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from sekisho.investigate.logons.base import Seen, label
from sekisho.model.logons import LogonKind

LEAST = 5
"""Sessions that must agree on a difference."""
FARTHEST = timedelta(hours=15)
"""A clock that runs by the wrong time zone is no further off."""
WIDE = 10_000_000
"""Microseconds within which differences agree."""
CLEAR = 2
"""So many times as often as the next."""
NEAR = 0.8
"""Share of the best at which the smallest difference is believed: what comes hourly fits every hour."""
MANY = 31
"""Hours, and no more, may fit alike."""
MOST, BUSY = 500, 1_000
"""Events of one host that are looked at; an event beside more sessions than these tells nothing."""
_LET_IN = frozenset({LogonKind.LOGON, LogonKind.NTLM, LogonKind.LOGON_FAILED})

Sessions = Mapping[tuple[str, str], Sequence[datetime]]
"""When sessions between two ends (initiator, responder) began, on the clock of the flows, in order."""


def host_clocks(
    events: Iterable[Seen], sessions: Sessions, addresses: Mapping[str, frozenset[str]]
) -> dict[tuple[str, str], timedelta]:
    """By sensor and host (first part of its name) how far its clock is ahead, where that can be measured.

    `addresses` are those of hosts by the first part of their names. Logons from an address are laid beside
    sessions from there to the host; one shift must fit many and no other as many.
    """
    apart: dict[tuple[str, str], list[NDArray[np.int64]]] = {}
    for one in events:
        host = label(one.host)
        if one.kind not in _LET_IN or one.src is None or host not in addresses:
            continue
        known = apart.setdefault((one.source.sensor, host), [])
        if len(known) < MOST:
            starts = [
                at for end in addresses[host] for at in _near(sessions.get((one.src, end), ()), one.at)
            ]
            if 0 < len(starts) <= BUSY:
                known.append(np.array([_micros(one.at - at) for at in starts], dtype=np.int64))
    found = {}
    for place, possible in apart.items():
        ahead = shift(possible)
        if ahead is not None:
            found[place] = timedelta(microseconds=ahead)
    return found


def shift(gaps: Sequence[NDArray[np.int64]]) -> int | None:
    """The difference (microseconds) on which most of several events agree; `gaps` are what each could mean.

    Of several that fit nearly as well, as with what comes every hour, the smallest; None where so many fit
    that nothing is measured.
    """
    if len(gaps) < LEAST:
        return None
    voted = [np.unique(np.concatenate([one // WIDE, one // WIDE + 1])) for one in gaps]
    places, votes = np.unique(np.concatenate(voted), return_counts=True)
    counted = dict(zip(places.tolist(), votes.tolist(), strict=True))
    most = max(counted.values())
    if most < LEAST:
        return None
    peaks = _apart(sorted(place for place, count in counted.items() if count >= NEAR * most), counted)
    if len(peaks) > MANY:
        return None
    best = min(peaks, key=abs)
    rival = max((n for place, n in counted.items() if abs(place - best) > 2), default=0)
    if len(peaks) == 1 and rival * CLEAR > counted[best]:
        return None
    every = np.concatenate(list(gaps))
    return int(np.median(every[np.abs(every - best * WIDE) <= WIDE]))


def _apart(places: Sequence[int], counted: Mapping[int, int]) -> list[int]:
    """Of places beside each other the one with the most votes."""
    found: list[int] = []
    last = None
    for place in places:
        if last is not None and place - last <= 2:
            found[-1] = max(found[-1], place, key=lambda one: counted[one])
        else:
            found.append(place)
        last = place
    return found


def _near(starts: Sequence[datetime], at: datetime) -> Sequence[datetime]:
    return starts[bisect_left(starts, at - FARTHEST) : bisect_right(starts, at + FARTHEST)]


def _micros(delta: timedelta) -> int:
    return delta // timedelta(microseconds=1)
