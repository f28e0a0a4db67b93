"""What the lake has on record about the logons of steps, ready to be judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sekisho.investigate.logons.base import LogHour, Seen, Source, Step
from sekisho.model.addresses import key, parse_address, text_of
from sekisho.model.logons import LogonKind
from sekisho.store.lake import Lake

MOST = 200_000
"""Logons looked at for one question; more are not, and `Gathered.cut` says so."""
MOST_HOURS = 100_000
"""Hours of hosts' logs looked at."""
AROUND = timedelta(hours=1)
"""Looked at before and after the steps, beside what clocks differ."""


class Gathered:
    """Logons and hours of hosts' logs about some steps; `cut` where there were more than are looked at."""

    def __init__(
        self, logons: Sequence[Seen], hours: Sequence[LogHour], damaged: int, cut: bool
    ) -> None:
        self.logons, self.hours = logons, hours
        self.damaged, self.cut = damaged, cut


def gather(lake: Lake, steps: Sequence[Step], offsets: Mapping[str, timedelta]) -> Gathered:
    """Everything about the steps' ends in the time they span, give or take what clocks differ."""
    if not steps:
        return Gathered((), (), 0, cut=False)
    apart = max((abs(offset) for offset in offsets.values()), default=timedelta()) + AROUND
    begin = min(step.begin for step in steps) - apart
    end = max(step.end for step in steps) + apart
    addresses = {end for step in steps for end in (step.src, step.dst)}
    found = lake.logons.look_up(
        begin,
        end,
        hosts={name for step in steps for name in (*step.src_names, *step.dst_names)} | addresses,
        addresses={key(parse_address(address)) for address in addresses},
        limit=MOST,
    )
    hours, damage = lake.logons.hours(_hour_of(begin), end, MOST_HOURS)
    return Gathered(
        tuple(_seen(found.rows.to_pylist())),
        tuple(_hour(row) for row in hours.to_pylist()),
        len({one.path for one in (*found.damage, *damage)}),
        cut=found.total > found.rows.num_rows or hours.num_rows >= MOST_HOURS,
    )


def _hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _seen(rows: Iterable[dict[str, Any]]) -> Iterable[Seen]:
    for row in rows:
        yield Seen(
            at=row["time"],
            host=row["host"],
            kind=LogonKind(row["kind"]),
            source=Source(row["sensor"], row["path"], row["sha256"], row["row"]),
            success=row["success"],
            account=row["account"],
            actor=row["actor"],
            src=_address(row, "src"),
            src_name=row["src_name"],
            dst=_address(row, "dst"),
            target=row["target"],
            logon_type=row["logon_type"],
        )


def _address(row: dict[str, Any], end: str) -> str | None:
    hi, lo = row[f"{end}_hi"], row[f"{end}_lo"]
    return None if hi is None else text_of(hi, lo)


def _hour(row: dict[str, Any]) -> LogHour:
    hour: datetime = row["hour"]
    return LogHour(row["host"], row["sensor"], hour, row["logons"], row["missing"])
