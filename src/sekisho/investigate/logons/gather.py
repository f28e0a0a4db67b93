"""What the lake has on record about the logons of steps, ready to be judged."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sekisho.investigate.logons.base import Clocks, LogHour, Seen, Source, Step
from sekisho.investigate.logons.corroborate import LONGEST
from sekisho.model.addresses import key, parse_address, text_of
from sekisho.model.logons import LogonKind
from sekisho.store.lake import Lake

MOST = 200_000
"""Events looked at for one investigation; more are not, and `Gathered.cut` says so."""
MOST_HOURS = 100_000
"""Hours of hosts' logs looked at."""
SPANS = 200
"""Stretches of time that are asked for one by one."""
AROUND = timedelta(hours=1)
"""Looked at before and after the steps, beside what clocks differ."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Events and hours of hosts' logs about some steps; `cut` where there were more than are looked at,
    `damaged` how many of the lake's files could not answer."""

    logons: Sequence[Seen] = ()
    hours: Sequence[LogHour] = ()
    damaged: int = 0
    cut: bool = False


def gather(
    lake: Lake,
    steps: Sequence[Step],
    clocks: Clocks,
    kinds: Collection[LogonKind] = tuple(LogonKind),
    around: timedelta = AROUND,
) -> Gathered:
    """Everything about the steps' ends in their time, give or take what clocks differ and `around`."""
    if not lake.logons.any():
        return Gathered()
    left, hours_left, cut = MOST, MOST_HOURS, False
    logons: dict[tuple[Source, LogonKind], Seen] = {}
    hours: dict[tuple[str, str, datetime], LogHour] = {}
    damaged: set[str] = set()
    for number, (begin, end, near) in enumerate(_spans(steps, clocks.most + around)):
        if number == SPANS or left <= 0 or hours_left <= 0:
            cut = True
            break
        addresses = {one for step in near for one in _addresses(step)}
        names = {name for step in near for name in (*step.src_names, *step.dst_names)}
        found = lake.logons.look_up(
            begin,
            end,
            hosts=names | addresses,
            addresses={key(parse_address(address)) for address in addresses},
            kinds=kinds,
            limit=left,
        )
        spoken, damage = lake.logons.hours(_hour_of(begin), end, hours_left)
        logons |= {(one.source, one.kind): one for one in _seen(found.rows.to_pylist())}
        for row in spoken.to_pylist():
            # Of an hour at the edge of two stretches, what was read of the whole hour stands.
            hour = LogHour(**row)
            place = hour.host, hour.sensor, hour.hour
            known = hours.get(place)
            if known is None or known.logons + known.missing < hour.logons + hour.missing:
                hours[place] = hour
        cut = cut or found.total > found.rows.num_rows or spoken.num_rows >= hours_left
        left -= found.rows.num_rows
        hours_left -= spoken.num_rows
        damaged |= {one.path for one in (*found.damage, *damage)}
    return Gathered(tuple(logons.values()), tuple(hours.values()), len(damaged), cut)


def _spans(steps: Iterable[Step], apart: timedelta) -> list[tuple[datetime, datetime, list[Step]]]:
    """Stretches of time with the steps in each."""
    found: list[tuple[datetime, datetime, list[Step]]] = []
    for step in sorted(steps, key=lambda one: one.begin):
        ends = [step.end, *(end for _, end in step.sessions)]
        first, last = step.begin - apart, min(max(ends), step.begin + LONGEST) + apart
        if found and first <= found[-1][1]:
            begin, end, near = found[-1]
            near.append(step)
            found[-1] = begin, max(end, last), near
        else:
            found.append((first, last, [step]))
    return found


def _addresses(step: Step) -> Iterator[str]:
    yield from (step.src, step.dst, *step.src_also, *step.dst_also)


def _hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _seen(rows: Iterable[dict[str, Any]]) -> Iterator[Seen]:
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
            src_realm=row["src_realm"],
            dst_realm=row["dst_realm"],
            dst_port=row["dst_port"],
            detail=row["detail"],
        )


def _address(row: dict[str, Any], end: str) -> str | None:
    hi, lo = row[f"{end}_hi"], row[f"{end}_lo"]
    return None if hi is None else text_of(hi, lo)
