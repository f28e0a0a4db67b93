"""Flows of a whole company, stretch by stretch, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sekisho.simulate.base import DAY, MINUTE, Dice
from sekisho.simulate.benign.base import Activity, Stretch
from sekisho.simulate.calendar import SLOTS, Calendar
from sekisho.simulate.flows import Array, count_packets, join

AT_ONCE = 300_000
"""Flows of a stretch, about."""


@dataclass(frozen=True, slots=True)
class Life:
    """Everything that goes on: activities with their share of `target` flows, and what is scripted."""

    calendar: Calendar
    where: Array
    activities: Sequence[Activity]
    scripted: Array
    target: int
    dice: Dice

    def stretches(self) -> Iterator[Stretch]:
        """Equal parts of a day, as many as keep a part small."""
        want = -(-self.target // (self.calendar.days * AT_ONCE))
        parts = next(n for n in range(1, SLOTS + 1) if SLOTS % n == 0 and (n >= want or n == SLOTS))
        for number in range(self.calendar.days * parts):
            begin = self.calendar.begin + number * (DAY // parts)
            yield Stretch(self.calendar, begin, begin + DAY // parts, self.where)

    def flows(self, stretch: Stretch) -> Array:
        """All flows that start in it, in order of time; they end within the calendar."""
        shares = sum(activity.share for activity in self.activities)
        parts = []
        for activity in self.activities:
            rng = self.dice.stream("life", activity.name, stretch.begin // MINUTE)
            parts.append(activity.draw(rng, stretch, self.target * activity.share / shares))
        begin, end = np.searchsorted(self.scripted["start"], [stretch.begin, stretch.end])
        parts.append(self.scripted[begin:end])
        flows = join(parts)
        flows = flows[(flows["start"] >= stretch.begin) & (flows["start"] < stretch.end)]
        flows = flows[np.argsort(flows["start"], kind="stable")]
        room = self.calendar.end - MINUTE - flows["start"]
        flows = flows[room > 0]
        flows["duration"] = np.minimum(flows["duration"], room[room > 0])
        count_packets(flows)
        return flows
