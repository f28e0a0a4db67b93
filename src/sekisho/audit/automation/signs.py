"""What the figures of automation say of single connections, as columns of a finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from sekisho.audit.automation import words
from sekisho.audit.automation.bands import BEACON, LONG, band
from sekisho.audit.automation.beacon import DAY, STROBE, Beacons, beacons
from sekisho.audit.automation.contacts import Contacts, Runs
from sekisho.audit.automation.lasting import lasting
from sekisho.audit.automation.regular import best, regular
from sekisho.model.findings import Beacon, Long, Strobe

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HELD = LONG[2]
"""Seconds a day from which an open connection is remarkable by itself: RITA's band `high`."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What raw flows say of one connection."""

    beacon: Beacon | None = None
    long: Long | None = None
    strobe: Strobe | None = None

    @property
    def strong(self) -> bool:
        """Whether any of them is remarkable."""
        return (
            bool(self.beacon and self.beacon.regular)
            or bool(self.long and self.long.seconds >= HELD)
            or self.strobe is not None
        )


def signs(contacts: Contacts, begin: int, end: int) -> Mapping[int, Signs]:
    """By number of connection, where there is anything to say. The window is [begin, end) microseconds;
    no contact is outside of it."""
    beats = _beacons(contacts, begin, end)
    held = _long(contacts)
    fast = _strobes(contacts)
    return {
        number: Signs(beats.get(number), held.get(number), fast.get(number))
        for number in sorted(beats.keys() | held.keys() | fast.keys())
    }


def _beacons(contacts: Contacts, begin: int, end: int) -> dict[int, Beacon]:
    midnight = begin // DAY * DAY
    days = beacons(contacts, midnight, DAY)
    of_days = regular(days, days=True)
    found: dict[int, Beacon] = {}
    if end - begin > DAY:
        whole = beacons(contacts, begin, end - begin)
        of_whole = regular(whole, days=False)
        for row in np.flatnonzero(of_whole):
            found[int(whole.number[row])] = _beacon(whole, int(row), begin, end, regular=True)
    for row in best(days.number, of_days, days.score):
        number, strong = int(days.number[row]), bool(of_days[row])
        if strong or number not in found:
            start = midnight + int(days.period[row]) * DAY
            found[number] = _beacon(days, int(row), start, start + DAY, regular=strong)
    return found


def _beacon(rows: Beacons, row: int, begin: int, end: int, *, regular: bool) -> Beacon:
    score, contacts = float(rows.score[row]), int(rows.contacts[row])
    parts = (
        float(rows.timestamps[row]),
        float(rows.sizes[row]),
        float(rows.duration[row]),
        float(rows.histogram[row]),
    )
    interval = float(rows.interval[row])
    since, until = _at(begin), _at(end)
    when = f"on {since:%Y-%m-%d} UTC"
    if end - begin > DAY:
        when = f"from {since:%Y-%m-%d} to {_at(end - 1):%Y-%m-%d} UTC"
    weight = band(score, BEACON)
    timestamps, sizes, duration, histogram = parts
    return Beacon.model_validate(
        {
            "score": score,
            "band": weight,
            "timestamps": timestamps,
            "sizes": sizes,
            "duration": duration,
            "histogram": histogram,
            "contacts": contacts,
            "interval_seconds": interval,
            "size_bytes": int(rows.size[row]),
            "from": since,
            "to": until,
            "regular": regular,
            "text": words.beacon_text(contacts, interval, parts, score, weight, when),
        }
    )


def _long(contacts: Contacts) -> dict[int, Long]:
    found = lasting(contacts, int(LONG[0]) * 1_000_000)
    columns = (found.number, found.day, found.open, found.longest)
    rows = {}
    for number, day, spent, longest in zip(*(column.tolist() for column in columns), strict=True):
        at = _at(day * DAY)
        rows[number] = Long(
            seconds=spent // 1_000_000,
            longest_seconds=longest // 1_000_000,
            day=at,
            band=band(spent / 1e6, LONG),
            text=words.long_text(spent / 1e6, longest / 1e6, at),
        )
    return rows


def _strobes(contacts: Contacts) -> dict[int, Strobe]:
    day = contacts.start // DAY
    runs = Runs.of(contacts.number, day)
    rows: dict[int, Strobe] = {}
    for run in np.flatnonzero(runs.size >= STROBE):
        place, count = int(runs.begin[run]), int(runs.size[run])
        number, at = int(contacts.number[place]), _at(int(day[place]) * DAY)
        if number not in rows or count > rows[number].contacts:
            rows[number] = Strobe(contacts=count, day=at, text=words.strobe_text(count, at))
    return rows


def _at(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
