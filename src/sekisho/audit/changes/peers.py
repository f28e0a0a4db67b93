"""`peers`: whom a host talks to over one service.

A peer that it never had, where there is a habit: up to sixteen peers were used, and none of them on one day
alone (as with hours: where one was, another new one is to be expected). Or, habit or not, three times as
many peers as on any day before, and five more at least.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sekisho.audit.baseline import LEAST, MOST

ID = "peers"
SETTLED = 16
TIMES, MORE = 3, 5
NAMED = 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PeerDay:
    """One UTC day (its number since 1970) on which a host used a service, and with whom."""

    day: int
    peers: frozenset[str]

    @property
    def date(self) -> date:
        """The day as people call it."""
        return (_EPOCH + timedelta(days=self.day)).date()


def peers_changed(series: Sequence[PeerDay]) -> Iterator[tuple[PeerDay, str]]:
    """Days (of a series in order) unlike the active ones before, each with the sentence that says so."""
    used: Counter[str] = Counter()
    for place, today in enumerate(series):
        before = series[max(0, place - MOST) : place]
        if len(before) >= LEAST:
            text = _seen(today, used, before)
            if text is not None:
                yield today, text
        used.update(today.peers)
        if place >= MOST:
            used.subtract(series[place - MOST].peers)
            used = +used


def _seen(today: PeerDay, used: Counter[str], before: Sequence[PeerDay]) -> str | None:
    highest = max(len(one.peers) for one in before)
    new = sorted(peer for peer in today.peers if not used[peer])
    settled = len(used) <= SETTLED and min(used.values(), default=0) >= 2
    if settled and new:
        some = ", ".join(new[:NAMED]) + (f" and {len(new) - NAMED} more" if len(new) > NAMED else "")
        known = f"the same {len(used)} peers" if len(used) > 1 else "the same peer"
        return f"with {some} on {today.date}; on {len(before)} active days before only with {known}"
    if len(today.peers) >= max(TIMES * highest, highest + MORE):
        return (
            f"with {len(today.peers)} peers on {today.date}; on {len(before)} active days before with"
            f" {highest} at most"
        )
    return None
