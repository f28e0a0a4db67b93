"""Marks of what is permitted and began to behave otherwise: `changed`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from sekisho.audit.automation.candidates import ordinary
from sekisho.audit.automation.ends import Ends, ends
from sekisho.audit.baseline import LEAST, MOST, Day
from sekisho.audit.changes import hours, initiates
from sekisho.audit.changes.volume import FLOOR, HIGHEST
from sekisho.audit.departures import Departure, departures
from sekisho.audit.evidence import KEYS, Key, key_of
from sekisho.audit.marks import Judged, Mark
from sekisho.model.addresses import text_of
from sekisho.model.findings import Check
from sekisho.model.verdicts import FindingKind, Rank, Severity
from sekisho.store.base import microseconds

KNOWN = 1_000_000
"""Connections that are looked back at."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ChangedMarker:
    """Permitted connections with days unlike those before, and servers that begin to initiate."""

    kind: FindingKind = "changed"

    def marks(self, judged: Judged) -> Iterable[Mark]:
        """At most one of each change and connection: the first, with how many more there were."""
        first, last = judged.coverage.extent()
        if first is None or last is None or last - first < timedelta(days=LEAST):
            return
        table = judged.stage.judged()
        rank = table["rank"].to_numpy()
        permitted = table.filter(pa.array(rank == Rank.AUTHORIZED)).select(KEYS)
        if permitted.num_rows:
            yield from _of_days(judged, permitted, ends(permitted, judged.compiled, last))
        yield from _of_servers(judged, table, last)


def _of_days(judged: Judged, permitted: Any, hosts: Ends) -> Iterator[Mark]:
    found = judged.lake.uses.habits(
        permitted,
        least=LEAST,
        most=MOST,
        floor=FLOOR,
        times=HIGHEST,
        habit=hours.MOST,
        since=judged.begin,
        before=_ceiling(judged.end),
    )
    columns = [found[name].to_pylist() for name in found.column_names]
    series: dict[int, list[Day]] = {}
    suspect: dict[int, set[int]] = {}
    for number, day, volume, flows, used, doubted in zip(*columns, strict=True):
        series.setdefault(number, []).append(Day(day, volume, flows, used))
        if doubted:
            suspect.setdefault(number, set()).add(day)
    chosen = permitted.take(pa.array(list(series), pa.int64())).to_pylist()
    for row, (number, days) in zip(chosen, series.items(), strict=True):
        key = key_of(row)
        zone = zone_of(judged, hosts.sites[int(hosts.site[hosts.src[number]])])
        kept: dict[str, list[Departure]] = {}
        for one in departures(days, zone, suspect[number]):
            kept.setdefault(one.change, []).append(one)
        for change, those in kept.items():
            yield _mark(key, change, those)


def _mark(key: Key, change: str, those: list[Departure]) -> Mark:
    more = f"; and on {len(those) - 1} later days" if len(those) > 1 else ""
    since = _EPOCH + timedelta(days=those[0].day.day)
    until = _EPOCH + timedelta(days=those[-1].day.day + 1)
    # The first month end that is on record cannot be told from the first misuse.
    severity: Severity = "low" if any(one.known for one in those) else "info"
    return Mark(key, "changed", severity, Check(id=change, text=those[0].text + more), since, until)


def zone_of(judged: Judged, site: str | None) -> tzinfo:
    """The time zone of a site; UTC for what belongs to none."""
    known = judged.inventory.sites.get(site) if site else None
    return ZoneInfo(known.timezone) if known else UTC


def _of_servers(judged: Judged, table: Any, last: datetime) -> Iterator[Mark]:
    rank = table["rank"].to_numpy()
    table = table.filter(pa.array(rank > Rank.INTRA_SITE))
    if judged.begin is not None:
        # What was before the window decides who had only answered.
        table = _all_time(judged, table)
    if not table.num_rows:
        return
    hosts = ends(table, judged.compiled, last)
    crossing = hosts.site[hosts.src] != hosts.site[hosts.dst]
    protocol, port = (table[name].to_numpy().astype(np.int64) for name in ("protocol", "port"))
    first = table["first"].cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    since = microseconds(judged.begin) if judged.begin else 0
    for one in initiates.turned(hosts, first, crossing, ordinary(protocol, port), since):
        key: Key = tuple(table[name][one.place].as_py() for name in KEYS)
        at = _EPOCH + timedelta(microseconds=int(first[one.place]))
        before = _EPOCH + timedelta(microseconds=one.answered_since)
        clients = f"{one.clients} client{'' if one.clients == 1 else 's'} of other sites or outside"
        text = (
            f"{text_of(key[1], key[2])} had only answered since {before:%Y-%m-%d} ({(at - before).days} days,"
            f" {clients}) and began to initiate on {at:%Y-%m-%d %H:%M} UTC"
        )
        yield Mark(key, "changed", "low", Check(id=initiates.ID, text=text), at)


def _all_time(judged: Judged, table: Any) -> Any:
    """Keys and first of all connections of all time that share an end with one that may be a server's first."""
    asked = pa.table({part: table[f"src_{part}"] for part in ("realm", "hi", "lo")})
    asked = asked.group_by(["realm", "hi", "lo"]).aggregate([])
    found = judged.lake.touching(asked, limit=KNOWN)
    # Of those left out nobody could say that they had only answered.
    return found if found.num_rows < KNOWN else found.slice(0, 0)


def _ceiling(end: datetime | None) -> datetime | None:
    """The end of the day in which the window ends: a day that was judged in part is seen as a whole."""
    if end is None:
        return None
    return (end - timedelta(microseconds=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    ) + timedelta(days=1)
