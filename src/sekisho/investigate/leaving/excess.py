"""How much of what went is more than ordinary: all of it to a peer that is new, else the excess.

The baseline is that of the days before the asset was reached, and stays that: what goes on for weeks
afterwards must not become its own measure.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Literal

from sekisho.audit.baseline import Baseline, baseline
from sekisho.audit.changes.volume import VolumeChange
from sekisho.investigate.leaving.moves import Moved, Way
from sekisho.investigate.moments import DAY

Age = Literal["new", "early", "unknown", "above", "departed"]
"""`new`: first used after the asset was reached. `early`: after the incident began, but before that.
`unknown`: evidence begins too late to say. `departed`: known, and far above its baseline; `above`: the same,
where the days before are too few to be one."""
_UNUSUAL = VolumeChange()


@dataclass(frozen=True, slots=True)
class Excess:
    """What counts of one way: days, the least that it was and how much more it may be, bytes that came back
    on these days, the flags of its flows. `text` says what was usual where something was."""

    way: Way
    age: Age
    days: tuple[Moved, ...]
    low: int
    spread: int
    back: int
    flags: int
    text: str = ""

    @property
    def first(self) -> int:
        """Microseconds."""
        return min(day.first for day in self.days)

    @property
    def last(self) -> int:
        """Microseconds."""
        return max(day.last for day in self.days)

    @property
    def flows(self) -> int:
        """How many."""
        return sum(day.flows for day in self.days)


def excess(
    way: Way,
    *,
    since: int,
    incident: int,
    known_from: int,
    window: tuple[int, int],
    zone: tzinfo = UTC,
    party: bool = False,
) -> Excess | None:
    """What counts of a way from `since` on (microseconds), when the asset was reached; None where nothing.

    `incident` is when it began anywhere, `known_from` from when on evidence tells new from old, `window` the
    days (numbers) that are looked at. Of a `party` to the incident everything counts.
    """
    inside = [day for day in way.days if window[0] <= day.day < window[1]]
    if not inside:
        return None
    first = way.days[0].first
    if party or first >= min(since, incident):
        age: Age = "early" if first < since and not party else "new"
        if first < known_from:
            age = "unknown"
        return _whole(way, age, inside)
    stop = since // DAY
    after = [day for day in inside if day.day >= stop]
    before = way.days[: bisect_left(way.days, stop, key=lambda one: one.day)]
    if not before:
        # It was used earlier on the day on which the asset was reached: half a day is no baseline.
        return _whole(way, "unknown", after) if after else None
    return _departed(way, before, after, stop, zone)


def _whole(way: Way, age: Age, days: Sequence[Moved]) -> Excess:
    return Excess(
        way,
        age,
        tuple(days),
        sum(day.low for day in days),
        sum(day.spread for day in days),
        sum(day.back for day in days),
        _flags(days),
    )


def _departed(
    way: Way, before: Sequence[Moved], after: Sequence[Moved], stop: int, zone: tzinfo
) -> Excess | None:
    series = [day.as_day for day in before]
    whole = baseline(series, stop, zone)
    usual = whole or Baseline(series, zone)
    days = [day for day in after if _UNUSUAL.seen(day.as_day, usual)]
    if not days:
        return None
    least, most = min(day.low for day in before), usual.highest
    low = sum(day.low - most for day in days)
    high = sum(day.low + day.spread - least for day in days)
    top = max(days, key=lambda day: day.low)
    text = _UNUSUAL.seen(top.as_day, usual) or ""
    back = sum(day.back for day in days)
    age: Age = "departed" if whole else "above"
    return Excess(way, age, tuple(days), low, high - low, back, _flags(days), text)


def _flags(days: Sequence[Moved]) -> int:
    found = 0
    for day in days:
        found |= day.flags
    return found
