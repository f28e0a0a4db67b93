"""Terminals not patched for long, or for which there are no patches any more (ATT&CK T1190, T1210).

Source: Microsoft's lifecycle pages; a build's last day is that of the edition that lives longest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from sekisho.fleet.checks.base import Failed
from sekisho.fleet.collections.base import Row, time_of

DAYS = 60
_ENDED: Mapping[str, date] = MappingProxyType(
    {
        "2600": date(2014, 4, 8),
        "3790": date(2015, 7, 14),
        "6002": date(2017, 4, 11),
        "6003": date(2020, 1, 14),
        "7601": date(2020, 1, 14),
        "9200": date(2023, 10, 10),
        "9600": date(2023, 10, 10),
        "10240": date(2025, 10, 14),
        "14393": date(2027, 1, 12),
        "17763": date(2029, 1, 9),
        "19045": date(2025, 10, 14),
        "20348": date(2031, 10, 14),
        "22000": date(2024, 10, 8),
        "22621": date(2025, 10, 14),
        "22631": date(2026, 11, 10),
        "26100": date(2034, 10, 10),
    }
)
_DAILY = re.compile(r"definition update|security intelligence|kb2267602|kb890830", re.IGNORECASE)
"""What comes each day, or only cleans: it says nothing of how old the rest is."""
_FILETIME = re.compile(r"0?1[cd][0-9a-f]{13,14}", re.IGNORECASE)
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PatchAge:
    """`patch-age`. `days` is how old the newest patch may be when it was collected."""

    days: int = DAYS
    name: str = "patch-age"
    tables: tuple[str, ...] = ()
    also: tuple[str, ...] = ("patches", "windows_update_history", "os_version")
    never_empty: bool = True

    @property
    def queries(self) -> Mapping[str, str]:
        """See `Question.queries`."""
        return {
            "patches": "SELECT hotfix_id, description, installed_on FROM patches",
            "windows_update_history": (
                "SELECT title, date, operation, result_code FROM windows_update_history"
            ),
            "os_version": "SELECT name, version, build FROM os_version",
        }

    def judge_at(self, tables: Mapping[str, Sequence[Row]], at: datetime) -> Iterable[str]:
        """See `Timed.judge_at`."""
        for row in tables.get("os_version", ()):
            build = row.get("build", "") or row.get("version", "").rpartition(".")[2]
            ended = _ENDED.get(build)
            if ended is not None and ended < at.date():
                name = row.get("name", "") or "Windows"
                yield f"{name} (build {build}): there are no patches for it since {ended}"
        latest = at + timedelta(days=1)
        dated = [
            (when, what)
            for when, what in (*_patches(tables), *_history(tables))
            if when is not None and when <= latest
        ]
        if not dated:
            yield Failed("no patch with a date was recorded")
            return
        newest, what = max(dated)
        old = (at - newest).days
        if old > self.days:
            yield f"the newest patch is {old} days old: {what} of {newest.date()}"


def _patches(tables: Mapping[str, Sequence[Row]]) -> Iterable[tuple[datetime | None, str]]:
    for row in tables.get("patches", ()):
        name = row.get("hotfix_id", "") or row.get("hotfixid", "") or "a patch"
        yield _day(row.get("installed_on", "") or row.get("installedon", "")), name


def _history(tables: Mapping[str, Sequence[Row]]) -> Iterable[tuple[datetime | None, str]]:
    for row in tables.get("windows_update_history", ()):
        title = row.get("title", "")
        done = row.get("result_code", "").casefold() in ("", "2", "succeeded", "succeededwitherrors")
        put = row.get("operation", "").casefold() in ("", "1", "installation")
        if done and put and not _DAILY.search(title):
            yield time_of(row.get("date", "")), title[:100] or "an update"


def _day(text: str) -> datetime | None:
    """A day as Windows writes it: month first, whatever its language, unless that is no month; or FILETIME in
    hexadecimal, as some versions do."""
    plain = text.strip()
    if parts := re.match(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b", plain):
        first, second, year = (int(part) for part in parts.groups())
        month, day = (first, second) if first <= 12 else (second, first)
    elif parts := re.match(r"(\d{4})-?(\d{2})-?(\d{2})(?!\d)", plain):
        year, month, day = (int(part) for part in parts.groups())
    elif _FILETIME.fullmatch(plain):
        return _EPOCH + timedelta(microseconds=int(plain, 16) // 10)
    else:
        return None
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None
