"""What the spreading asks of the lake, and how much of it had to be left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from sekisho.audit import evidence
from sekisho.audit.coverage import Coverage
from sekisho.audit.departures import departures
from sekisho.audit.evidence import Key, key_of, rows_of
from sekisho.inventory.register import Inventory
from sekisho.investigate import neighbourhood, talks
from sekisho.investigate.fabric import PERMITTED, RESIDUAL, Fabric
from sekisho.investigate.moments import DAY, micros, moment
from sekisho.investigate.placing import placed
from sekisho.investigate.proof import days_of
from sekisho.investigate.relays.base import Held, Stitched
from sekisho.investigate.relays.relaying import Relaying
from sekisho.investigate.relays.sight import Watch
from sekisho.investigate.relays.stitching import held, reader, stitch
from sekisho.store.lake import Lake

FLOWS = 1_500_000
"""Raw flows of candidates that are read for one neighbourhood."""


@dataclass(slots=True)
class Work:
    """What the spreading asks for, and how much of it had to be left out."""

    lake: Lake
    inventory: Inventory
    fabric: Fabric
    violations: dict[Key, Any]
    talks: talks.Talks = field(default_factory=talks.Talks)
    offsets: dict[str, float] = field(default_factory=dict)
    changed: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    stitched: Stitched | None = None
    begun: bool = False
    cut: dict[int, int] = field(default_factory=dict)
    unread: int = 0

    def through_relays(self, coverage: Coverage, without: Iterable[int] = ()) -> Fabric:
        """Put what declared relays opened into the fabric as their clients'; those with a host of `without`
        are looked at as any other."""
        relays = held(self.inventory, self.fabric, set(without)) if self.inventory.relays else []
        if not relays:
            return self.fabric
        self.offsets = self.offsets or self.lake.offsets()

        def unseen(one: Held, clients: Sequence[int]) -> Callable[[int], str | None]:
            sites = [self.fabric.site(host) for host in one.hosts]
            site = next((name for name in sites if name), None)
            of = [self.fabric.site(client) for client in clients]
            watch = Watch(one.relay, site, of, self.inventory, coverage)
            return lambda at: watch.unseen(moment(at))

        read = reader(self.lake, self.fabric, self.offsets)
        self.stitched = stitch(self.fabric, relays, self.inventory, read, unseen, moment)
        self.fabric = self.stitched.fabric
        self.talks.of |= self.stitched.talks
        return self.fabric

    @property
    def relaying(self) -> Relaying:
        """What the spreading asks of relays."""
        one = self.stitched
        return Relaying() if one is None else Relaying(one.stitches, one.relayed, one.hosts)

    def zones(self) -> dict[str, tzinfo]:
        """Time zones of sites."""
        return {name: ZoneInfo(site.timezone) for name, site in self.inventory.sites.items()}

    def violated(self) -> dict[int, int]:
        """When each connection that no rule allows first came about."""
        rows = np.flatnonzero(np.isin(self.fabric.rank, list(RESIDUAL)))
        keys = map(key_of, rows_of(self.fabric.table(rows.tolist())))
        found = {}
        for row, key in zip(rows.tolist(), keys, strict=True):
            told = self.violations.get(key)
            if told is not None:
                found[row] = micros(told["first_established"] or told["first_seen"])
        return found

    def fetch(self, hosts: Sequence[int]) -> dict[int, list[int]]:
        """Candidates of hosts, and of those close by, with their sessions."""
        fresh: dict[int, list[int]] = {}
        for host in hosts if self.begun else neighbourhood.around(self.fabric, hosts):
            fresh[host], left = neighbourhood.chosen(self.fabric, host)
            if left:
                self.cut[host] = left
        self.begun = True
        rows = sorted({row for found in fresh.values() for row in found} - self.talks.of.keys())
        flows = self.fabric.flows[rows] if rows else np.zeros(0, dtype=np.int64)
        order = np.argsort(flows, kind="stable")
        within = np.cumsum(flows[order]) <= FLOWS
        self.unread += int((~within).sum())
        read = [rows[place] for place in sorted(order[within].tolist())]
        self.offsets = self.offsets or self.lake.offsets()
        if read:
            talks.read(self.lake, self.fabric.table(read), read, self.offsets, self.talks)
            self._departures([row for row in read if int(self.fabric.rank[row]) in PERMITTED])
        return fresh

    def _departures(self, rows: Sequence[int]) -> None:
        """Days on which permitted candidates left their own baselines."""
        zones = self.zones()
        for row, days in days_of(self.lake, self.fabric.table(rows), rows).items() if rows else ():
            zone = zones.get(self.fabric.site(self.fabric.ends(row)[0]) or "", UTC)
            found = [(one.day.day * DAY, one.text) for one in departures(days, zone)]
            if found:
                self.changed[row] = found

    def same_holder(self, host: int, one: int, other: int) -> bool:
        """Whether the inventory knows one asset behind an address at both times."""
        assets = [placed(self.inventory, self.fabric, host, at).asset for at in (one, other)]
        names = [asset.hostname if asset else None for asset in assets]
        return None in names or names[0] == names[1]

    def notes(self) -> Iterator[str]:
        """What was not looked at."""
        yield from self.stitched.notes if self.stitched else ()
        for host, left in sorted(self.cut.items(), key=lambda item: -item[1])[:5]:
            yield f"{left} connections of {self.fabric.address(host)} were not looked at: it has too many"
        if self.unread:
            yield f"the sessions of {self.unread} busy connections were not read: more than {FLOWS} flows"
        if self.talks.pruned:
            days = evidence.days_text(sorted(self.talks.pruned))
            yield f"raw flows of {days} were pruned: what is said of those days rests on their roll-ups"
