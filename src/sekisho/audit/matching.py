"""The raw records of both ends of connections, record beside record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sekisho.audit.evidence import Key, rows_of
from sekisho.audit.marks import keys_of
from sekisho.model.flows import Flag
from sekisho.model.protocols import WITH_PORTS
from sekisho.store.lake import Lake

NEAR = timedelta(seconds=30)
"""Records of one five-tuple that lie so close, by corrected clocks, are of one flow."""
ASTRAY = timedelta(hours=26)
"""A clock that jumped puts a record elsewhere: no further than a wrong time zone and some."""
MOST, EACH = 200_000, 4_000
"""Records that are looked at, in all and of one connection."""
_ENDS = tuple(f"{end}_{part}" for end in ("src", "dst") for part in ("realm", "hi", "lo", "port"))
_COLUMNS = ("start", "end", "sensor", *_ENDS, "protocol", "flags")


@dataclass(frozen=True, slots=True)
class Seen:
    """One record, or several of one flow: its time by the corrected clock of its sensor."""

    sensor: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Missed:
    """Flows that one end recorded and the other did not; `astray` of them it recorded at another time."""

    flows: tuple[Seen, ...]
    astray: int


class Records:
    """Raw records of connections, by five-tuple. `short` are connections of which not all were read."""

    def __init__(
        self, records: Mapping[Key, Mapping[Any, Sequence[Seen]]], short: frozenset[Key]
    ) -> None:
        self._records = records
        self.short = short

    def missed(
        self, key: Key, there: frozenset[str], here: frozenset[str], begin: datetime, end: datetime
    ) -> Missed:
        """What sensors `there` recorded of a connection from `begin` until `end` and those `here` did not."""
        missing: list[Seen] = []
        astray = 0
        for rows in self._records.get(key, {}).values():
            theirs = _flows(row for row in rows if row.sensor in there)
            ours = _flows(row for row in rows if row.sensor in here)
            alone = [row for row in theirs if not _beside(row, ours)]
            spare = [row for row in ours if not _beside(row, theirs)]
            for row in alone:
                if not begin <= row.start < end:
                    continue
                near = next((one for one in spare if abs(one.start - row.start) <= ASTRAY), None)
                if near is None:
                    missing.append(row)
                else:
                    spare.remove(near)
                    astray += 1
        missing.sort(key=lambda row: row.start)
        return Missed(tuple(missing), astray)


def _flows(rows: Iterable[Seen]) -> list[Seen]:
    """Records of one five-tuple that follow each other closely are parts, or directions, of one flow."""
    found: list[Seen] = []
    for row in sorted(rows, key=lambda one: one.start):
        if found and row.start <= found[-1].end + NEAR:
            found[-1] = replace(found[-1], end=max(found[-1].end, row.end))
        else:
            found.append(row)
    return found


def _beside(row: Seen, others: Sequence[Seen]) -> bool:
    return any(row.start - NEAR <= other.end and other.start <= row.end + NEAR for other in others)


def read(
    lake: Lake,
    keys: Iterable[Key],
    offsets: Mapping[str, timedelta],
    begin: datetime,
    end: datetime,
) -> Records:
    """The records of connections from `begin` until `end` (aware UTC), and a day around."""
    wanted = dict.fromkeys(keys)
    if not wanted:
        return Records({}, frozenset())
    around = timedelta(days=1)
    found = lake.flows_of(keys_of(wanted), begin - around, end + around, MOST, EACH)
    records: dict[Key, dict[Any, list[Seen]]] = defaultdict(lambda: defaultdict(list))
    number: dict[Key, int] = defaultdict(int)
    for row in rows_of(found.meant.select(_COLUMNS)):
        for key in _connections(row):
            if key in wanted:
                number[key] += 1
                records[key][_tuple(row)].append(_seen(row, offsets))
                break
    cut = found.total > found.flows.num_rows or bool(found.damage or found.pruned)
    cut = found.flows.num_rows >= MOST or found.damage or found.pruned
    return Records(records, frozenset(key for key in wanted if cut or number[key] >= EACH))


def _seen(row: Mapping[str, Any], offsets: Mapping[str, timedelta]) -> Seen:
    ahead = offsets.get(row["sensor"], timedelta())
    impossible = row["flags"] & Flag.IMPOSSIBLE_TIME
    start = row["start"]
    end = start if impossible else max(row["end"], start)
    return Seen(row["sensor"], start - ahead, end - ahead)


def _connections(row: Mapping[str, Any]) -> Iterator[Key]:
    """The connection of a record as its sensor turned it, then the other way round."""
    src = row["src_realm"], row["src_hi"], row["src_lo"]
    dst = row["dst_realm"], row["dst_hi"], row["dst_lo"]
    ports = row["protocol"] in WITH_PORTS
    yield (*src, *dst, row["protocol"], row["dst_port"] if ports else 0)
    yield (*dst, *src, row["protocol"], row["src_port"] if ports else 0)


def _tuple(row: Mapping[str, Any]) -> tuple[Any, ...]:
    src = row["src_realm"], row["src_hi"], row["src_lo"], row["src_port"]
    dst = row["dst_realm"], row["dst_hi"], row["dst_lo"], row["dst_port"]
    return (*min(src, dst), *max(src, dst))
