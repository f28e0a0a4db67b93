"""When flows began and ended, from the many ways in which exporters say it. All in microseconds."""

from __future__ import annotations

from typing import Any

import numpy as np

from sekisho.sources.netflow.datagrams import Ints
from sekisho.sources.netflow.messages import NO_UPTIME
from sekisho.sources.netflow.records import Columns

_UPTIME_WRAP = 1 << 32
_AHEAD = 3_600_000
"""Milliseconds that a flow may end after the uptime in its header; more is a wrapped counter."""
NO_BOOT = np.iinfo(np.int64).min
RESTARTED = 3_600_000_000
"""Microseconds by which the latest record of a message may be older than the message; more is a reboot."""
_LARGEST = 1 << 62


def start_and_end(columns: Columns, export: Ints, uptime: Ints, boot: Ints) -> tuple[Ints, Ints]:
    """Start and end of records.

    `export` is the message's time, `uptime` its milliseconds since boot (-1 where it has none) and
    `boot` the time of boot where another record told it (NO_BOOT where none did). A record that gives no
    start began when it ended; one that gives no time at all counts at the message's time.
    """
    start = _first(
        _scaled(columns, "start_ms", 1000),
        columns.get("start_ntp"),
        _scaled(columns, "start_s", 1_000_000),
        _before(columns, "start_delta", export),
        _since_boot(columns, "start_uptime", export, uptime, boot),
    )
    end = _first(
        _scaled(columns, "end_ms", 1000),
        columns.get("end_ntp"),
        _scaled(columns, "end_s", 1_000_000),
        _before(columns, "end_delta", export),
        _since_boot(columns, "end_uptime", export, uptime, boot),
    )
    seen = _first(
        _scaled(columns, "seen_ms", 1000),
        columns.get("seen_ntp"),
        _scaled(columns, "seen_s", 1_000_000),
    )
    lasting = _first(columns.get("duration_us"), _scaled(columns, "duration_ms", 1000))
    nothing = np.zeros(len(export), dtype=np.int64)
    lasting = nothing if lasting is None else lasting
    start = nothing if start is None else start
    end = nothing if end is None else end
    if seen is not None:
        end = np.where(end == 0, np.where(seen >= start, seen, start), end)
    end = np.where((end == 0) & (start != 0), start + lasting, end)
    end = np.where(end == 0, export, end)
    start = np.where(start == 0, end - lasting, start)
    return start, end


def _first(*columns: Any) -> Any:
    """The first that is not 0, by row; None where no column is there."""
    result: Any = None
    for column in columns:
        if column is not None:
            result = column if result is None else np.where(result == 0, column, result)
    return result


def _scaled(columns: Columns, role: str, factor: int) -> Any:
    if role not in columns:
        return None
    return np.minimum(columns[role], _LARGEST // factor) * factor


def _before(columns: Columns, role: str, export: Ints) -> Any:
    """Microseconds before the message's time (RFC 7012, 5.1: flowStartDeltaMicroseconds)."""
    return export - columns[role] if role in columns else None


def _since_boot(columns: Columns, role: str, export: Ints, uptime: Ints, boot: Ints) -> Any:
    if role not in columns:
        return None
    ticks = columns[role]
    age = (uptime - ticks) % _UPTIME_WRAP
    age = np.where(age >= _UPTIME_WRAP - _AHEAD, age - _UPTIME_WRAP, age)
    by_header = export - age * 1000
    if "boot_ms" in columns:
        boot = np.where(columns["boot_ms"] > 0, columns["boot_ms"] * 1000, boot)
    told = boot != NO_BOOT
    by_boot = np.where(told, boot, 0) + ticks * 1000
    return np.where((uptime != NO_UPTIME) & ~told, by_header, np.where(told, by_boot, 0))


def estimated_boots(estimate: int, ticks: Ints, export: Ints, counts: Ints) -> tuple[Ints, int]:
    """Boot times for IPFIX messages that give uptimes and never say when the device started.

    `ticks` are milliseconds of the records' ends, `counts` the records of each message and `export` its
    time. No record ends after it was sent, so the device started at the latest `export - ticks` ago, and
    the smallest such number is nearest to the truth. When all records of a message seem far older than
    it, the device has started again. Gives one number a message and the estimate to go on with.
    """
    firsts = np.cumsum(counts) - counts
    latest = np.maximum.reduceat(ticks, firsts) if len(firsts) else ticks
    boots = np.empty(len(counts), dtype=np.int64)
    for place, candidate in enumerate((export - latest * 1000).tolist()):
        if estimate == NO_BOOT or candidate < estimate or candidate - estimate > RESTARTED:
            estimate = candidate
        boots[place] = estimate
    return boots, int(estimate)
