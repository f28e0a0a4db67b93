"""When each sensor was looking: seen, quiet or no data, hour by hour.

"Nothing found" and "nothing recorded" are different answers, so an hour without records counts as
quiet only where something shows that the sensor was alive.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import Field

from sekisho.audit.stretches import Stretch, hour_after, hour_of, instant, meet, minus, runs, union
from sekisho.model.coverage import PairWeek, Unmapped
from sekisho.model.findings import CoverageItem, Document, Span, Time
from sekisho.model.sites import Sensor
from sekisho.model.validity import Validity
from sekisho.model.verdicts import CoverageState

ORDINARY_OTHERS = 3
"""A silence is ordinary when the sensor had at least this many others as long, and …"""
ORDINARY_EVERY = 14 * 24
"""… at least one in so many hours of its history: a few outages a year never excuse the next."""
ROUNDING = 1
"""Silences are counted in whole hours; two that differ by this many are equally long."""
LONGEST_SPAN = 366 * 24
"""A file that claims to span more hours than this has an impossible time in it and shows nothing."""
AHEAD = timedelta(days=1)
"""Evidence later than this after now has an impossible time; coverage does not reach there."""


LOST_HERE = "the lake lost records of these days"
Gap = tuple[Stretch, str]


@dataclass(frozen=True, slots=True)
class Hours:
    """One sensor in one state from hour `begin` until hour `end`, counted since 1970 UTC.

    `shown` is whether something shows that it was alive; an ordinary silence alone shows nothing.
    """

    begin: int
    end: int
    state: CoverageState
    flows: int
    why: str
    lost: int = 0
    shown: bool = True


class CoverageDocument(Document):
    """`sekisho coverage --format json`: what every sensor saw, hour by hour, merged; each pair of sites
    week by week; and prefixes that belong to no site and talk to one."""

    schema_: Literal["sekisho.coverage/1"] = Field(default="sekisho.coverage/1", alias="schema")
    window: Span
    made: Time
    sensors: tuple[str, ...]
    coverage: tuple[CoverageItem, ...]
    pairs: tuple[PairWeek, ...] = ()
    unmapped: Unmapped = Unmapped()
    notes: tuple[str, ...] = ()


class Coverage:
    """The hours of all sensors, to be asked about an instant, and about what no sensor could see."""

    def __init__(self, hours: Mapping[str, tuple[Hours, ...]], begin: int, end: int) -> None:
        self.hours = hours
        self.begin, self.end = begin, end
        self._starts = {name: [h.begin for h in rows] for name, rows in hours.items()}
        self._covered: dict[frozenset[str], list[Stretch]] = {}

    def extent(self) -> tuple[datetime | None, datetime | None]:
        """From the first hour that is known of until the last; None twice without any evidence."""
        if self.begin >= self.end:
            return None, None
        return instant(self.begin), instant(self.end)

    def state(self, sensor: str, at: datetime) -> CoverageState:
        """The state of a sensor at an aware instant; `no_data` outside all that is known."""
        row = self._row(sensor, hour_of(at))
        return row.state if row else "no_data"

    def alive(self, sensor: str, at: datetime) -> bool:
        """Whether it had coverage (seen or quiet) at an aware instant."""
        return self.state(sensor, at) != "no_data"

    def covered(self, sensors: frozenset[str]) -> list[Stretch]:
        """The stretches in which at least one of the sensors had coverage."""
        if sensors not in self._covered:
            self._covered[sensors] = union(
                (row.begin, row.end)
                for name in sensors
                for row in self.hours.get(name, ())
                if row.state != "no_data"
            )
        return self._covered[sensors]

    def since(self, sensors: frozenset[str], at: datetime) -> datetime | None:
        """Since when, without a break, at least one of the sensors had coverage, up to `at`.

        None where none of them had any at `at`.
        """
        stretches = self.covered(sensors)
        hour = hour_of(at)
        place = bisect_right(stretches, hour, key=_begin) - 1
        if place < 0 or stretches[place][1] <= hour:
            return None
        return instant(stretches[place][0])

    def items(
        self, begin: datetime | None = None, end: datetime | None = None
    ) -> tuple[CoverageItem, ...]:
        """The published items, by sensor and time, cut to a window of aware instants."""
        found: list[CoverageItem] = []
        fields: dict[str, Any]
        for name in sorted(self.hours):
            for row in self.hours[name]:
                first, last = instant(row.begin), instant(row.end)
                first = max(first, begin) if begin else first
                last = min(last, end) if end else last
                if first < last:
                    fields = {"sensor": name, "from": first, "to": last, "state": row.state}
                    found.append(CoverageItem(**fields, flows=row.flows, lost=row.lost, why=row.why))
        return tuple(found)

    def _row(self, sensor: str, hour: int) -> Hours | None:
        starts = self._starts.get(sensor)
        if not starts:
            return None
        place = bisect_right(starts, hour) - 1
        row = self.hours[sensor][place] if place >= 0 else None
        return row if row and hour < row.end else None


def measure(
    sensors: Mapping[str, Sensor],
    hours: Any,
    spans: Any,
    *,
    now: datetime,
    lost: Any = None,
    losses: Any = None,
    gaps: Iterable[tuple[str, datetime, datetime, str]] = (),
    begin: datetime | None = None,
    end: datetime | None = None,
) -> Coverage:
    """Coverage from the first to the last evidence of the whole lake, or wider where a window is.

    `hours` is an Arrow table (sensor, hour, flows), `spans` one of (sensor, begin, end): times in which
    a file shows its sensor alive, `lost` one of (sensor, day): days of which the lake lost records. What
    is not on record there is no data, whatever shows that the sensor was alive. `losses` is one of
    (sensor, hour, lost): what did not come although it was sent. `gaps` are (sensor, begin, end, why):
    hours there without records are no data, whatever else they look like. `begin` and `end`
    stretch the answer to an audit's window: hours there without any evidence are no data.
    """
    seen = _by_sensor(hours)
    # Logs of hosts hold no flows: that they have none is no hole in what was seen.
    observing = {name for name, sensor in sensors.items() if not sensor.of_hosts}
    alive: dict[str, list[Stretch]] = {}
    extent: list[int] = [hour for rows in seen.values() for hour in (min(rows), max(rows) + 1)]
    for name, first, last in zip(
        spans["sensor"].to_pylist(), spans["begin"].to_pylist(), spans["end"].to_pylist(), strict=True
    ):
        whole = (hour_after(first), hour_of(last))
        if first <= last and hour_of(last) - hour_of(first) <= LONGEST_SPAN:
            extent += [hour_of(first), hour_of(last) + 1]
            alive.setdefault(name, []).append(whole)
    gone: dict[str, list[Stretch]] = {}
    if lost is not None:
        for name, day in zip(lost["sensor"].to_pylist(), lost["day"].to_pylist(), strict=True):
            gone.setdefault(name, []).append((hour_of(day), hour_of(day) + 24))
    dropped: dict[str, list[Gap]] = {}
    for name, since, until, why in gaps:
        dropped.setdefault(name, []).append(((hour_of(since), hour_of(until) + 1), why))
    if begin is not None:
        extent.append(hour_of(begin))
    if end is not None:
        extent.append(hour_after(min(end, now)))
    if not extent:
        return Coverage(dict.fromkeys(observing, ()), 0, 0)
    limit = hour_after(now + AHEAD)
    first, last = min(extent), max(min(max(extent), limit), min(extent))
    names = sorted(observing | set(seen))
    missed = _by_sensor(losses, "lost") if losses is not None else {}
    return Coverage(
        {
            name: _with_losses(
                _of_sensor(
                    seen.get(name, {}),
                    alive.get(name, []),
                    [((a, b), LOST_HERE) for a, b in gone.get(name, [])] + dropped.get(name, []),
                    _lifetime(sensors[name].validity if name in sensors else None, first, last),
                    last,
                ),
                missed.get(name, {}),
            )
            for name in names
        },
        first,
        last,
    )


def _begin(stretch: Stretch) -> int:
    return stretch[0]


def _by_sensor(hours: Any, counted: str = "flows") -> dict[str, dict[int, int]]:
    seen: dict[str, dict[int, int]] = {}
    for name, at, count in zip(
        hours["sensor"].to_pylist(), hours["hour"].to_pylist(), hours[counted].to_pylist(), strict=True
    ):
        rows = seen.setdefault(name, {})
        rows[hour_of(at)] = rows.get(hour_of(at), 0) + count
    return seen


def _with_losses(rows: tuple[Hours, ...], missed: Mapping[int, int]) -> tuple[Hours, ...]:
    if not any(missed.values()):
        return rows
    hours = sorted(missed)

    def within(row: Hours) -> int:
        return sum(
            missed[hour] for hour in hours[bisect_left(hours, row.begin) : bisect_left(hours, row.end)]
        )

    return tuple(replace(row, lost=within(row)) for row in rows)


def _lifetime(validity: Validity | None, first: int, last: int) -> list[Stretch]:
    if validity is None:
        return []
    begin = max(first, hour_of(validity.begin)) if validity.begin else first
    end = min(last, hour_after(validity.end)) if validity.end else last
    return union([(begin, end)])


def _of_sensor(
    seen: Mapping[int, int],
    alive: list[Stretch],
    gone: list[Gap],
    lifetime: list[Stretch],
    limit: int,
) -> tuple[Hours, ...]:
    recorded = [run for run in runs(sorted(seen)) if run[0] < limit]
    known = union([*recorded, *alive])
    if not known:
        why = "this sensor has not recorded anything"
        return tuple(Hours(begin, end, "no_data", 0, why) for begin, end in lifetime)
    missing = meet(minus(union(stretch for stretch, _ in gone), recorded), lifetime)
    spanned = minus(meet(minus(union(alive), recorded), lifetime), missing)
    silent = minus(minus(minus(lifetime, recorded), spanned), missing)
    counts = sorted(seen)
    rows = [
        Hours(
            begin,
            end,
            "seen",
            sum(seen[hour] for hour in counts[bisect_left(counts, begin) : bisect_left(counts, end)]),
            "records",
        )
        for begin, end in recorded
    ]
    rows += [
        Hours(begin, end, "quiet", 0, "no records, in a file that spans these hours")
        for begin, end in spanned
    ]
    left = missing
    for stretch, why in gone:
        rows += [Hours(begin, end, "no_data", 0, why) for begin, end in meet(left, [stretch])]
        left = minus(left, [stretch])
    rows += _silences(silent, known[0][0], known[-1][1])
    return tuple(sorted(rows, key=lambda row: row.begin))


def _silences(silent: list[Stretch], first: int, last: int) -> Iterable[Hours]:
    """Each silence is judged against the sensor's others: is one this long ordinary for it?

    Only silences that the sensor came back from, between its `first` and `last` hour of evidence, say
    what is ordinary.
    """
    inside = [(begin, end) for begin, end in silent if first <= begin and end <= last]
    lengths = sorted(end - begin for begin, end in inside)
    needed = max(ORDINARY_OTHERS, -(-(last - first) // ORDINARY_EVERY))
    for begin, end in silent:
        length = end - begin
        others = len(lengths) - bisect_left(lengths, length - ROUNDING) - ((begin, end) in inside)
        if others >= needed:
            why = f"no records for {length} h; this sensor had {others} other silences as long"
            yield Hours(begin, end, "quiet", 0, why, shown=False)
        else:
            had = f"only {others} other silences" if others else "no other silence"
            yield Hours(
                begin, end, "no_data", 0, f"no records for {length} h; this sensor had {had} as long"
            )
