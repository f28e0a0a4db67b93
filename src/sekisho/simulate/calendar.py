"""When people and machines work: the intensity of schedules per site, in its local time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from sekisho.simulate.base import DAY, MINUTE, SECOND
from sekisho.simulate.flows import Array
from sekisho.simulate.places import Place

SLOT = 15 * MINUTE
SLOTS = DAY // SLOT
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(at: datetime) -> int:
    """An aware time as the simulation counts it."""
    return (at - EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    """The aware UTC time of a number of microseconds."""
    return EPOCH + timedelta(microseconds=int(at))


@dataclass(slots=True)
class Calendar:
    """The simulated period: whole UTC days from `first`."""

    first: date
    days: int
    places: tuple[Place, ...]
    _levels: dict[str, Array] = field(default_factory=dict)
    _local: tuple[Array, Array, Array] | None = None

    @property
    def begin(self) -> int:
        """Its first microsecond."""
        return microseconds(datetime.combine(self.first, time.min, tzinfo=UTC))

    @property
    def end(self) -> int:
        """The first microsecond after it."""
        return self.begin + self.days * DAY

    def at(self, day: float, hour: float = 0.0) -> int:
        """Microseconds of a day (counted from 0, fractions allowed) and an hour of the period, UTC."""
        return self.begin + int(day * DAY) + int(hour * 60 * MINUTE)

    def offset(self, site: int, at: int) -> int:
        """What the site's clocks on the wall add to UTC, microseconds."""
        shift = moment(at).astimezone(ZoneInfo(self.places[site].timezone)).utcoffset()
        return (shift or timedelta()) // timedelta(microseconds=1)

    def local(self) -> tuple[Array, Array, Array]:
        """Local hour of day (fraction), weekday (Monday 0) and date as day number, [site, slot]."""
        if self._local is None:
            starts = self.begin + np.arange(self.days * SLOTS) * SLOT
            local = np.empty((len(self.places), len(starts)), dtype=np.int64)
            for row in range(len(self.places)):
                for day in range(self.days):
                    span = slice(day * SLOTS, (day + 1) * SLOTS)
                    local[row, span] = starts[span] + self.offset(row, int(starts[span][0]))
            number = local // DAY
            self._local = (local % DAY) / (3600 * SECOND), (number + 3) % 7, number
        return self._local

    def levels(self, schedule: str) -> Array:
        """Intensity [site, slot] of a schedule over the whole period; any unit."""
        if schedule not in self._levels:
            hour, weekday, number = self.local()
            self._levels[schedule] = _intensity(schedule, hour, weekday, number)
        return self._levels[schedule]


def _intensity(schedule: str, hour: Array, weekday: Array, number: Array) -> Array:
    workday = weekday < 5
    match schedule:
        case "always":
            return np.ones_like(hour)
        case "office":
            bell = np.exp(-(((hour - 13.0) / 3.6) ** 4)) * np.where(
                (hour >= 12) & (hour < 13), 0.6, 1.0
            )
            return np.asarray(np.where(workday, 1.0, 0.05) * bell + 0.015)
        case "shifts":
            bell = np.exp(-(((hour - 14.0) / 8.0) ** 6))
            return np.asarray(np.where(weekday < 6, 1.0, 0.15) * bell + 0.05)
        case "night":
            return np.asarray((hour >= 0.5) & (hour < 4.5), dtype=float)
        case "weekend":
            return np.asarray(
                ((weekday == 5) & (hour >= 20)) | ((weekday == 6) & (hour < 6)), dtype=float
            )
        case "patch":
            return np.asarray((weekday == 2) & (hour >= 21), dtype=float)
        case "quarter":
            return np.asarray(_first_workday(weekday, number) * ((hour >= 8) & (hour < 20)))
        case _:
            raise KeyError(schedule)


def _first_workday(weekday: Array, number: Array) -> Array:
    """1.0 on the first working day of March, June, September and December, else 0."""
    days = np.unique(number)
    dates = [date(1970, 1, 1) + timedelta(days=int(n)) for n in days]
    closing = []
    for n, at in zip(days.tolist(), dates, strict=True):
        first = next(d for d in range(1, 8) if date(at.year, at.month, d).weekday() < 5)
        if at.month % 3 == 0 and at.day == first:
            closing.append(n)
    return np.isin(number, closing).astype(float)
