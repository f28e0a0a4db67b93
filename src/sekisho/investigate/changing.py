"""Since when a connection, or the host that opened it, was used otherwise: volume, hours, initiator, peers.

From roll-ups alone, of the hops' connections and of what their sources do over the same service; bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import numpy as np
import pyarrow as pa

from sekisho.audit.automation.candidates import ordinary
from sekisho.audit.baseline import LEAST, Day
from sekisho.audit.changes import initiates, peers
from sekisho.audit.departures import departures
from sekisho.audit.evidence import KEYS
from sekisho.inventory.register import Inventory
from sekisho.investigate.fabric import Fabric
from sekisho.investigate.moments import EPOCH
from sekisho.model.addresses import parse_address, text_of
from sekisho.model.hops import HopChange
from sekisho.store.history import ENDS
from sekisho.store.lake import Lake

TOUCHING = 200_000
"""Connections of the hops' sources that are looked at."""
PEERS = 2_000
"""Of one host and service."""
_CONNECTIONS = 20_000
End = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed, by row of the fabric, in order of time; `unsure` says of the others why nothing can be
    told."""

    of: Mapping[int, tuple[HopChange, ...]] = field(default_factory=dict)
    unsure: Mapping[int, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def first(self, row: int) -> tuple[datetime | None, str | None]:
        """The first day, and the words; without a day why there is none."""
        found = self.of.get(row, ())
        if found:
            return found[0].at, found[0].text
        return None, self.unsure.get(row)


@dataclass(slots=True)
class Changing:
    """Looks hops' connections back; `days` are those of the connections, `zones` the time zones of sites."""

    lake: Lake
    inventory: Inventory
    fabric: Fabric
    zones: Mapping[str, tzinfo]

    def look(self, rows: Sequence[int], days: Mapping[int, Sequence[Day]]) -> Changes:
        """Every hop's connection."""
        if not rows:
            return Changes()
        found: dict[int, list[HopChange]] = {row: [] for row in rows}
        unsure = {}
        for row in rows:
            series = days.get(row, ())
            zone = self.zones.get(self.fabric.site(self.fabric.ends(row)[0]) or "", UTC)
            found[row] += _of_days(series, zone)
            if len(series) <= LEAST:
                active = f"{len(series)} active day{'' if len(series) == 1 else 's'}"
                unsure[row] = f"it has {active}, too few to say what was usual"
        notes = tuple(self._of_sources(rows, found))
        of = {
            row: tuple(sorted(those, key=lambda one: one.at)) for row, those in found.items() if those
        }
        return Changes(of, unsure, notes)

    def _of_sources(self, rows: Sequence[int], found: dict[int, list[HopChange]]) -> Iterator[str]:
        """What changed of the hosts that opened hops to others of the company."""
        inside = [row for row in rows if all(map(self.fabric.internal, self.fabric.ends(row)))]
        sources = {_end(self.fabric, row, "src") for row in inside}
        if not sources:
            return
        asked = pa.table([list(column) for column in zip(*sorted(sources), strict=True)], schema=ENDS)
        table = self.lake.touching(asked, TOUCHING)
        if table.num_rows >= TOUCHING:
            yield "which peers the sources of hops had before was not looked at: they have too many connections"
            return
        for row, change in self._turned(inside, table):
            found[row].append(change)
        opened: dict[tuple[End, int], list[int]] = {}
        columns = [table[name].to_pylist() for name in KEYS]
        for place, key in enumerate(zip(*columns, strict=True)):
            opened.setdefault((tuple(key[:3]), int(key[6]) << 16 | int(key[7])), []).append(place)
        chosen: dict[tuple[End, int], list[int]] = {}
        left, busy = _CONNECTIONS, 0
        kinds = {row: (_end(self.fabric, row, "src"), int(self.fabric.service[row])) for row in inside}
        for kind in dict.fromkeys(kinds.values()):
            places = opened.get(kind, [])
            if len(places) > min(PEERS, left):
                busy += 1
            elif places:
                left -= len(places)
                chosen[kind] = places
        told = self._peers(table, chosen)
        for row, kind in kinds.items():
            found[row] += filter(None, [told.get(kind)])
        if busy:
            yield f"the peers of {busy} busy sources of hops were not looked back at"

    def _peers(
        self, table: Any, chosen: Mapping[tuple[End, int], Sequence[int]]
    ) -> dict[tuple[End, int], HopChange]:
        """The first day with other peers, of each source and service; read at once."""
        places = [(place, kind) for kind, those in chosen.items() for place in those]
        if not places:
            return {}
        connections = table.take(pa.array([place for place, _ in places], pa.int64()))
        ends = zip(connections["dst_hi"].to_pylist(), connections["dst_lo"].to_pylist(), strict=True)
        names = [text_of(hi, lo) for hi, lo in ends]
        on: dict[tuple[End, int], dict[int, set[str]]] = {}
        for one in self.lake.uses.daily(connections.select(KEYS)).to_pylist():
            of = on.setdefault(places[one["number"]][1], {})
            of.setdefault(one["day"], set()).add(names[one["number"]])
        found = {}
        for kind, days in on.items():
            series = [peers.PeerDay(day, frozenset(some)) for day, some in sorted(days.items())]
            changed = list(peers.peers_changed(series))
            if changed:
                day, text = changed[0]
                found[kind] = HopChange(
                    at=_begin(day.day), kind="peers", text=f"used {text}", days=len(changed)
                )
        return found

    def _turned(self, rows: Sequence[int], table: Any) -> Iterator[tuple[int, HopChange]]:
        """Sources that had only answered, and then began to ask: across sites, as the audit looks at it."""
        protocol, port = (table[name].to_numpy().astype(np.int64) for name in ("protocol", "port"))
        by_itself = ordinary(protocol, port).tolist() if table.num_rows else []
        asked: dict[End, datetime] = {}
        answered: dict[End, datetime] = {}
        sites: dict[End, str | None] = {}
        columns = [table[name].to_pylist() for name in (*KEYS, "first")]
        for usual, (*key, first) in zip(by_itself, zip(*columns, strict=True), strict=True):
            src, dst = (key[0], key[1], key[2]), (key[3], key[4], key[5])
            if self._site(src, first, sites) == self._site(dst, first, sites):
                continue
            if not usual:
                asked[src] = min(first, asked.get(src, first))
            answered[dst] = min(first, answered.get(dst, first))
        least = timedelta(microseconds=initiates.ANSWERED)
        for row in rows:
            source = _end(self.fabric, row, "src")
            since, at = answered.get(source), asked.get(source)
            if since is None or at is None or at - since < least:
                continue
            text = (
                f"{text_of(source[1], source[2])} had only answered since {since:%Y-%m-%d}"
                f" ({(at - since).days} days) and began to initiate on {at:%Y-%m-%d %H:%M} UTC"
            )
            yield row, HopChange(at=at, kind="initiator", text=text)

    def _site(self, end: End, at: datetime, known: dict[End, str | None]) -> str | None:
        if end not in known:
            known[end] = self.inventory.place(end[0], parse_address(text_of(*end[1:])), at).site
        return known[end]


def _of_days(series: Sequence[Day], zone: tzinfo) -> Iterable[HopChange]:
    kinds: dict[str, list[Any]] = {}
    for one in departures(series, zone):
        kinds.setdefault(one.change, []).append(one)
    for kind, those in kinds.items():
        # The first end of a month that is on record cannot be told from the first misuse.
        first = next((one for one in those if one.known), those[0])
        yield HopChange.model_validate(
            {"at": _begin(first.day.day), "kind": kind, "text": first.text, "days": len(those)}
        )


def _begin(day: int) -> datetime:
    return EPOCH + timedelta(days=day)


def _end(fabric: Fabric, row: int, side: str) -> End:
    keys = fabric.keys
    realm, hi, lo = (keys[f"{side}_{part}"][row].as_py() for part in ("realm", "hi", "lo"))
    return realm, hi, lo
