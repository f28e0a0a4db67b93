"""How fast a check goes, and when it will be done, from what was answered; nothing is assumed of the future
but that it goes on as in the last day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sekisho.fleet.states import Standing
from sekisho.model.terminals import Campaign, TerminalState

CHECKED: frozenset[TerminalState] = frozenset({"checked_clean", "checked_findings", "checked_manually"})
WINDOW = timedelta(days=1)
SLOWEST = 5
_LONGEST = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Pace:
    """`rate` is terminals an hour, None where none came in the last day; `done_at` None where nothing is left,
    or where nothing comes."""

    answered: int
    left: int
    rate: float | None
    done_at: datetime | None


def pace(campaign: Campaign, standings: Iterable[Standing], now: datetime) -> Pace:
    """How fast terminals come to be checked. The day is cut where the campaign, or the first of them, began."""
    listed = list(standings)
    done = [s.since for s in listed if s.state in CHECKED and s.since is not None]
    left = sum(s.state not in CHECKED and s.state != "excluded" for s in listed)
    begin = campaign.begin or min(done, default=now)
    since = max(begin, now - WINDOW)
    recent = sum(at >= since for at in done)
    hours = max((now - since) / timedelta(hours=1), 1 / 60)
    rate = recent / hours if recent else None
    done_at = None
    if rate is not None and left:
        ahead = timedelta(hours=left / rate)
        done_at = now + ahead if ahead < _LONGEST else None
    return Pace(len(listed) - left - sum(s.state == "excluded" for s in listed), left, rate, done_at)


def slowest(sites: Iterable[tuple[str, int, int, int]]) -> tuple[str, ...]:
    """The sites least of which is checked, worst first, of (site, terminals, checked, excluded)."""
    open_ = [
        (
            checked / (terminals - excluded),
            -(terminals - excluded - checked),
            site,
            checked,
            terminals - excluded,
        )
        for site, terminals, checked, excluded in sites
        if terminals - excluded > checked
    ]
    return tuple(
        f"{site}: {checked} of {asked}" for _, _, site, checked, asked in sorted(open_)[:SLOWEST]
    )


def trend(standings: Sequence[Standing]) -> tuple[tuple[date, int], ...]:
    """Each day (UTC) on which terminals came to be checked, and how many were by its end."""
    days = sorted(s.since.date() for s in standings if s.state in CHECKED and s.since is not None)
    return tuple({day: n for n, day in enumerate(days, 1)}.items())


def lately(points: Sequence[tuple[datetime, int]], left: int) -> tuple[float, datetime | None] | None:
    """Terminals an hour between the first and the last of (when, how many were checked), and when the rest
    would be done at that; None where that is too little to say."""
    if len(points) < 2:
        return None
    (first, before), (last, after) = points[0], points[-1]
    hours = (last - first) / timedelta(hours=1)
    if hours <= 0:
        return None
    rate = max(after - before, 0) / hours
    ahead = (
        timedelta(hours=left / rate) if rate and left / rate < _LONGEST / timedelta(hours=1) else None
    )
    return rate, None if ahead is None else last + ahead
