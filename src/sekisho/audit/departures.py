"""The days on which a connection left its own baseline."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from sekisho.audit.baseline import Day, baseline
from sekisho.audit.changes.base import Change
from sekisho.audit.changes.hours import HoursChange
from sekisho.audit.changes.volume import VolumeChange

CHANGES: tuple[Change, ...] = (VolumeChange(), HoursChange())


@dataclass(frozen=True, slots=True)
class Departure:
    """A day that is unlike those before: which change, and the sentence that says what was usual.

    `known` is whether such a day (of a weekend, at a month's end) was among those before.
    """

    day: Day
    change: str
    text: str
    known: bool = True


def departures(
    series: Sequence[Day], zone: tzinfo = UTC, days: Container[int] | None = None
) -> Iterator[Departure]:
    """Every departure, day by day; `series` is in order. `days` are the days to look at, None: all."""
    for day in series:
        if days is not None and day.day not in days:
            continue
        usual = baseline(series, day.day, zone)
        if usual is None:
            continue
        for change in CHANGES:
            text = change.seen(day, usual)
            if text is not None:
                yield Departure(day, change.id, text, not usual.lacks(day))


def first_departure(series: Sequence[Day], zone: tzinfo = UTC) -> Departure | None:
    """The first day on which a connection left its own baseline: the day since when it may have been misused.

    None where it never did, or was never used for long enough to say.
    """
    return next(departures(series, zone), None)
