"""When something is true: half-open intervals of UTC time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class Validity:
    """From `begin` (included) until `end` (excluded), both aware UTC; None is unbounded."""

    begin: datetime | None = None
    end: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether the instant `at` (aware) lies inside."""
        return (self.begin is None or self.begin <= at) and (self.end is None or at < self.end)

    def overlaps(self, other: Validity) -> bool:
        """Whether the two share an instant."""
        return _before(self.begin, other.end) and _before(other.begin, self.end)

    def within(self, other: Validity) -> bool:
        """Whether every instant of this one is in `other`."""
        starts = other.begin is None or (self.begin is not None and self.begin >= other.begin)
        ends = other.end is None or (self.end is not None and self.end <= other.end)
        return starts and ends

    def meet(self, other: Validity) -> Validity | None:
        """What both share, or None."""
        if not self.overlaps(other):
            return None
        begins = [v for v in (self.begin, other.begin) if v is not None]
        ends = [v for v in (self.end, other.end) if v is not None]
        return Validity(max(begins, default=None), min(ends, default=None))


ALWAYS = Validity()


def _before(begin: datetime | None, end: datetime | None) -> bool:
    return begin is None or end is None or begin < end


def whole_days(begin: date | datetime | None, last: date | datetime | None) -> Validity:
    """Validity from what a person writes: a date means that whole UTC day, at either end.

    A datetime stands for itself; one without a zone is UTC.
    """
    end = None
    if isinstance(last, datetime):
        end = in_utc(last)
    elif last is not None:
        end = None if last == date.max else midnight(last + timedelta(days=1))
    start = None
    if isinstance(begin, datetime):
        start = in_utc(begin)
    elif begin is not None:
        start = midnight(begin)
    return Validity(start, end)


def in_utc(at: datetime) -> datetime:
    """The same instant in UTC; a time without a zone is taken as UTC."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def midnight(day: date) -> datetime:
    """The first instant of a UTC day."""
    return datetime.combine(day, time.min, tzinfo=UTC)


def change_points(validities: Iterable[Validity]) -> tuple[datetime, ...]:
    """The instants at which any of them begins or ends, in order, each once."""
    points = {v.begin for v in validities} | {v.end for v in validities}
    return tuple(sorted(point for point in points if point is not None))
