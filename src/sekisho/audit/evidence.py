"""What the audit asks the store beyond the verdicts, in batches, as plain values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, cast

import pyarrow as pa

from sekisho.audit.base import Neighbour
from sekisho.audit.coverage import Coverage, measure
from sekisho.audit.sight import View
from sekisho.inventory.register import Inventory
from sekisho.model import protocols
from sekisho.model.addresses import key, parse_address, text_of
from sekisho.model.findings import Finding, Span
from sekisho.sources.times import datetime_of
from sekisho.store.lake import Lake
from sekisho.store.spool import date_of

Key = tuple[Any, ...]
"""(src_realm, src_hi, src_lo, dst_realm, dst_hi, dst_lo, protocol, port)"""
KEYS = ("src_realm", "src_hi", "src_lo", "dst_realm", "dst_hi", "dst_lo", "protocol", "port")
"""The columns that name a connection."""


key_of: Callable[[Mapping[str, Any]], Key] = itemgetter(*KEYS)
"""The connection of a row."""


def rows_of(table: Any) -> list[dict[str, Any]]:
    """A table's rows as plain values, times as aware UTC.

    Times are converted a column at a time: one by one they would take longer than all else.
    """
    names = table.column_names
    columns = [_values(table[name]) for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _values(column: Any) -> list[Any]:
    if not pa.types.is_timestamp(column.type):
        return cast(list[Any], column.to_pylist())
    naive = column.cast(pa.timestamp("us")).to_numpy().astype(object)
    return [None if at is None else at.replace(tzinfo=UTC) for at in naive]


def coverage_of(
    lake: Lake,
    inventory: Inventory,
    *,
    now: datetime,
    begin: datetime | None = None,
    end: datetime | None = None,
) -> Coverage:
    """Coverage of the whole lake, wider where a window (aware UTC) is."""
    return measure(
        inventory.sensors,
        lake.hours(),
        lake.spans(),
        now=now,
        lost=lake.lost_days(),
        losses=lake.losses(),
        gaps=[(g.sensor, datetime_of(g.begin), datetime_of(g.end), g.why) for g in lake.gaps()],
        begin=begin,
        end=end,
    )


def given_up(pruned: Sequence[int], blunt: int) -> Iterator[str]:
    """What a reader must know of days (numbers) whose raw flows are gone, and of connection-days that
    for want of them were judged by the strictest rule of their day."""
    if pruned:
        yield (
            f"raw flows of {days_text(pruned)} were pruned: what is said of those days rests on their"
            " roll-ups"
        )
    if blunt:
        yield (
            f"{blunt} connection-days within which the window, a rule or an address changes were judged as"
            " a whole, by what was strictest that day, since their raw flows were pruned"
        )


def days_text(days: Sequence[int]) -> str:
    """`3 days from 2020-05-25 to 2020-05-30`, of day numbers in order."""
    if len(days) == 1:
        return f"{date_of(days[0])}"
    return f"{len(days)} days from {date_of(days[0])} to {date_of(days[-1])}"


def window_of(coverage: Coverage, begin: datetime | None, end: datetime | None) -> Span:
    """The window as asked for; an open side is where coverage begins or ends."""
    first, last = coverage.extent()
    if begin is not None and last is not None:
        last = max(last, begin)
    fields: dict[str, Any] = {"from": begin or first, "to": end or last}
    return Span(**fields)


def views_of(table: Any) -> dict[Key, list[View]]:
    """Each connection's views from the store's table of views."""
    found: dict[Key, list[View]] = defaultdict(list)
    for row in rows_of(table):
        found[key_of(row)].append(
            View(
                row["sensor"],
                row["flows"],
                row["established"],
                row["first"],
                row["last"],
                row["first_established"],
            )
        )
    return found


def older_than(table: Any, begin: datetime) -> dict[Key, datetime]:
    """Connections that were already recorded before `begin`, and their first time of all."""
    return {key_of(row): row["first"] for row in rows_of(table) if row["first"] < begin}


def neighbours(lake: Lake, findings: Sequence[Finding]) -> list[Neighbour]:
    """Connections of all time that share an end with one of the findings, without the findings."""
    if not findings:
        return []
    ends = sorted({(end.realm or "", end.address) for f in findings for end in (f.src, f.dst)})
    keys = [key(parse_address(address)) for _, address in ends]
    asked = pa.table(
        {
            "realm": pa.array([realm for realm, _ in ends], pa.string()),
            "hi": pa.array([hi for hi, _ in keys], pa.int64()),
            "lo": pa.array([lo for _, lo in keys], pa.int64()),
        }
    )
    own = {_line(f) for f in findings}
    found = (
        Neighbour(
            (row["src_realm"], text_of(row["src_hi"], row["src_lo"])),
            (row["dst_realm"], text_of(row["dst_hi"], row["dst_lo"])),
            protocols.name(row["protocol"]),
            row["port"],
            row["first"],
            row["last"],
        )
        for row in rows_of(lake.touching(asked))
    )
    return [n for n in found if (n.src, n.dst, n.protocol, n.port) not in own]


def _line(finding: Finding) -> tuple[Any, ...]:
    src, dst = finding.src, finding.dst
    return (
        (src.realm or "", src.address),
        (dst.realm or "", dst.address),
        finding.protocol,
        finding.port,
    )
