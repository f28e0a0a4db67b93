"""Ticks at instants that people count by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sekisho.reports.units import Times

MOST = 6
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_STEPS = tuple(_HOUR * n for n in (1, 2, 3, 6, 12)) + tuple(_DAY * n for n in (1, 2, 4, 7, 14))
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)


@dataclass(frozen=True, slots=True)
class Tick:
    """`at` is a percentage of the period."""

    at: float
    label: str


def ticks(begin: datetime, end: datetime, times: Times) -> tuple[Tick, ...]:
    """At most `MOST`, at whole hours, days or months of the zone people read in."""
    span = end - begin
    first, last = begin.astimezone(times.zone), end.astimezone(times.zone)
    instants: list[datetime] = []
    for step in _STEPS:
        if span / step <= MOST:
            midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
            at = midnight + step * -(-(first - midnight) // step)
            while at <= last:
                instants.append(at)
                at += step
            return tuple(_tick(at, begin, span, by_hour=step < _DAY) for at in instants)
    for months in _MONTHS:
        if span / (_DAY * 30.44 * months) <= MOST or months == _MONTHS[-1]:
            number = -(-(first.year * 12 + first.month - 1) // months) * months
            while len(instants) <= MOST:
                at = datetime(number // 12, number % 12 + 1, 1, tzinfo=first.tzinfo)
                if at > last:
                    break
                if at >= first:
                    instants.append(at)
                number += months
            break
    return tuple(Tick(_place(at, begin, span), f"{at:%Y-%m}") for at in instants)


def _tick(at: datetime, begin: datetime, span: timedelta, *, by_hour: bool) -> Tick:
    label = f"{at:%d %H:%M}" if by_hour else f"{at:%m-%d}"
    return Tick(_place(at, begin, span), label)


def _place(at: datetime, begin: datetime, span: timedelta) -> float:
    return round(100 * ((at - begin) / span), 3)
