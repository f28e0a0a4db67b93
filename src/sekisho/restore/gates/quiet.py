"""N days without a violation, each recorded at both ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

from sekisho.audit.coverage import Coverage
from sekisho.audit.stretches import hour_of
from sekisho.model.findings import Finding
from sekisho.model.sites import Sensor
from sekisho.restore.base import Answer, Day, Subject

SHOWN = 400
"""Days that are looked at, the latest; twice as many as are asked for where that is more."""
_DAY = timedelta(days=1)
_LOUD = ("unauthorized", "lapsed", "attempted", "unmapped")
_EXCUSED = ("accepted", "false_positive")


class QuietGate:
    """Open where enough whole UTC days since the cut, and since the last violation, were quiet, the latest of
    them included: a link that nobody looks at now is not given back."""

    name: Literal["quiet"] = "quiet"
    asks = "enough quiet days, each recorded at both ends"

    def judge(self, subject: Subject) -> Answer:
        """Day by day, with why one does not count."""
        if subject.coverage is None or subject.findings is None:
            return Answer("unknown", "nothing was ever recorded: no day is known to have been quiet")
        days = tuple(_days(subject, subject.coverage, subject.findings))
        wanted = subject.demands
        count = sum(one.quiet for one in days)
        said = f"{count:,} of {wanted.days:,} days were quiet"
        thin = tuple(_sampled(subject))
        if not days:
            return Answer("closed", "no whole day has passed since the cut")
        if not any(share for one in days for share in one.covered.values()):
            return Answer("unknown", "nothing was recorded at either end since the cut", days=days)
        if not days[-1].quiet:
            return Answer("closed", f"{said}; the latest was not: {days[-1].why}", thin, days)
        return Answer("open" if count >= wanted.days else "closed", said, thin, days)


def _sampled(subject: Subject) -> Iterator[str]:
    for one in subject.inventory.sensors.values():
        if one.site in subject.sites and one.sampling > 1 and one.sees & {"edge", "internet"}:
            yield f"{one.name} sees one packet in {one.sampling:,}: short connections may not show"


def _days(subject: Subject, coverage: Coverage, findings: Sequence[Finding]) -> Iterator[Day]:
    loud = [one for one in findings if one.verdict in _LOUD and one.life.status not in _EXCUSED]
    last = max(loud, key=lambda one: one.last_seen, default=None)
    end = _midnight(subject.now)
    looked = max(SHOWN, 2 * subject.demands.days)
    day = max(_midnight(subject.since) + _DAY, end - looked * _DAY)
    while day < end:
        covered = {site: _covered(subject, coverage, site, day) for site in subject.sites}
        why = _why(subject, covered, last, day)
        yield Day(day, not why, covered, why)
        day += _DAY


def _why(
    subject: Subject, covered: dict[str, float | None], last: Finding | None, day: datetime
) -> str:
    """Why a day is not quiet, '' where it is."""
    if last is not None and day <= last.last_seen:
        on = "on this day" if last.last_seen < day + _DAY else f"until {last.last_seen:%Y-%m-%d}"
        return f"{last.id} was seen {on}"
    reasons = []
    for site, share in covered.items():
        if share is None:
            reasons.append(f"{site} has no sensor that sees it")
        elif share * 100 < subject.demands.coverage:
            reasons.append(f"{site} recorded {share:.0%} of the day")
    if not covered:
        reasons.append("no end is a site: nobody can have recorded it")
    return "; ".join(reasons)


def _covered(subject: Subject, coverage: Coverage, site: str, day: datetime) -> float | None:
    """The share of a day's hours in which every sensor of the site's edge was recording. A silence that is
    ordinary counts only on a day on which something else shows that the sensor was alive."""
    wanted = "internet" if subject.outward(site) else "edge"
    sensors = [
        one
        for one in subject.inventory.sensors.values()
        if one.site == site and wanted in one.sees and one.validity.holds(day)
    ]
    if not sensors:
        return None
    hours = set(range(hour_of(day), hour_of(day) + 24))
    for sensor in sensors:
        hours &= _hours(sensor, coverage, hour_of(day))
    return len(hours) / 24


def _hours(sensor: Sensor, coverage: Coverage, first: int) -> set[int]:
    found: set[int] = set()
    alive = False
    for row in coverage.hours.get(sensor.name, ()):
        begin, end = max(row.begin, first), min(row.end, first + 24)
        if begin < end and row.state != "no_data" and not row.lost:
            found.update(range(begin, end))
            alive = alive or row.shown
    return found if alive else set()


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
