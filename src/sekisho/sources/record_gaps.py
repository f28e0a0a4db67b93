"""Records that a host's log lacks: its numbers rise by one, so whatever was taken out leaves a gap."""

from __future__ import annotations

from dataclasses import dataclass

from sekisho.sources.times import datetime_of
from sekisho.sources.windows_records import WindowsEvent

HOUR = 3_600_000_000
MOST_LOGS = 1024
"""Logs (host and channel) of one file that are followed; a file mixes more only in a forgery."""


@dataclass(frozen=True, slots=True)
class Gap:
    """What one log lacks about one hour: told at `row` and `time` (microseconds) in the log of `event`."""

    row: int
    time: int
    event: WindowsEvent
    text: str


@dataclass(slots=True)
class _Hour:
    number: int
    row: int
    time: int
    event: WindowsEvent
    missing: int
    first: int
    last: int


class RecordGaps:
    """Follows the logs of one file record by record; at most one gap a log and hour comes out."""

    def __init__(self) -> None:
        self._before: dict[tuple[str, str], WindowsEvent] = {}
        self._open: dict[tuple[str, str], _Hour] = {}

    def after(self, row: int, event: WindowsEvent) -> list[Gap]:
        """What is known to be missing, now that this record has come."""
        if event.record is None:
            return []
        log = (event.host.lower(), event.channel.lower())
        before = self._before.get(log)
        if before is None and len(self._before) >= MOST_LOGS:
            return []
        self._before[log] = event
        # A log that began anew at its file's beginning goes on with smaller numbers: nothing is missing.
        if before is None or before.record is None or event.record <= before.record + 1:
            return []
        first, last = before.record + 1, event.record - 1
        found = self._saw(log, row, before.time, event, first, last)
        if event.time // HOUR != before.time // HOUR:
            # Both hours have lost something, and nobody knows how much of it each.
            found += self._saw(log, row, event.time, event, first, last)
        return found

    def rest(self) -> list[Gap]:
        """Those of the last hours."""
        gaps = [_gap(hour) for hour in self._open.values()]
        self._open.clear()
        return gaps

    def _saw(
        self, log: tuple[str, str], row: int, time: int, event: WindowsEvent, first: int, last: int
    ) -> list[Gap]:
        hour = self._open.get(log)
        if hour is not None and hour.number == time // HOUR:
            hour.missing += last - first + 1
            hour.last = last
            return []
        self._open[log] = _Hour(time // HOUR, row, time, event, last - first + 1, first, last)
        return [] if hour is None else [_gap(hour)]


def _gap(hour: _Hour) -> Gap:
    text = (
        f"{hour.event.channel or 'the log'}: {hour.missing} records missing in or about the hour of"
        f" {datetime_of(hour.time // HOUR * HOUR):%Y-%m-%dT%H:%MZ}, numbers {hour.first} to {hour.last}"
    )
    return Gap(hour.row, hour.time, hour.event, text)
