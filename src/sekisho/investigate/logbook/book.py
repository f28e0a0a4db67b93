"""Asks the lake for the logons of steps: gathers, measures clocks, corroborates, sees what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sekisho.inventory.register import Inventory
from sekisho.investigate.fabric import Fabric
from sekisho.investigate.factors.base import Weight
from sekisho.investigate.factors.logon import weigh
from sekisho.investigate.logbook.stepping import Standing, Stepping, stretch
from sekisho.investigate.logons.acts import Act, acts
from sekisho.investigate.logons.base import AUTHENTICATED, Clocks, Corroboration, Step, label
from sekisho.investigate.logons.clocks import FARTHEST, host_clocks
from sekisho.investigate.logons.corroborate import Ordered, corroborate
from sekisho.investigate.logons.gather import Gathered, gather
from sekisho.investigate.moments import moment
from sekisho.investigate.steps import Scored
from sekisho.investigate.talks import Talks
from sekisho.model.logons import LogonKind
from sekisho.store.lake import Lake

CONNECTIONS, FLOWS = 400, 100_000
"""Connections to hosts with logs, and their flows, that are read to measure these hosts' clocks."""
_FOR_CLOCKS = (LogonKind.LOGON, LogonKind.NTLM, LogonKind.LOGON_FAILED)


@dataclass(frozen=True, slots=True)
class Looked:
    """What logons say of steps, by row of the fabric: answers, and what was done on their responders."""

    said: Mapping[int, Corroboration] = field(default_factory=dict)
    done: Mapping[int, Sequence[Act]] = field(default_factory=dict)
    gathered: Gathered = field(default_factory=Gathered)
    clocks: Clocks = field(default_factory=Clocks)

    def weights(self) -> dict[int, Weight]:
        """What they weigh, where they weigh anything."""
        found = {}
        for row, said in self.said.items():
            weight = weigh(said, self.done.get(row, ()))
            if weight is not None:
                found[row] = weight
        return found


@dataclass(slots=True)
class Logbook:
    """Looks steps up; `offsets` are how many seconds sensors' clocks are ahead."""

    lake: Lake
    inventory: Inventory
    fabric: Fabric
    talks: Talks
    offsets: Mapping[str, float]
    _clocks: Clocks | None = None

    def look(self, taken: Sequence[Scored], candidates: Sequence[Scored] = ()) -> Looked:
        """What is said of steps of the incident and of those that may become some."""
        span = stretch((*taken, *candidates))
        if span is None:
            return Looked()
        standing = Standing.of(self.lake, self.inventory, *span)
        stepping = Stepping(self.inventory, self.fabric, self.talks, standing)
        wanted = stepping.steps(
            [*((one, True) for one in taken), *((one, False) for one in candidates)]
        )
        steps = list(wanted.values())
        if self._clocks is None:
            self._clocks = self._measured(wanted)
        gathered = gather(self.lake, steps, self._clocks)
        said = corroborate(steps, gathered.logons, gathered.hours, self._clocks)
        events = Ordered(gathered.logons, self._clocks)
        return Looked(
            dict(zip(wanted, said, strict=True)),
            {row: done for row, step in wanted.items() if (done := acts(step, events))},
            gathered,
            self._clocks,
        )

    def _measured(self, steps: Mapping[int, Step]) -> Clocks:
        sensors = {name: timedelta(seconds=ahead) for name, ahead in self.offsets.items() if ahead}
        plain = Clocks(sensors)
        found = gather(self.lake, list(steps.values()), plain, _FOR_CLOCKS, FARTHEST)
        spoken = {label(hour.host) for hour in found.hours}
        addresses = {
            label(name): frozenset({step.dst} | step.dst_also)
            for step in steps.values()
            for name in step.dst_names
            if label(name) in spoken
        }
        if not addresses:
            return plain
        rows = {
            row for row, step in steps.items() if any(label(n) in addresses for n in step.dst_names)
        }
        sessions = self._sessions(rows)
        return Clocks(sensors, host_clocks(found.logons, sessions, addresses))

    def _sessions(self, rows: set[int]) -> dict[tuple[str, str], list[datetime]]:
        """Sessions of services that write logons down, with the responders of some connections."""
        fabric = self.fabric
        near = {
            row
            for host in {int(fabric.dst[row]) for row in rows}
            for row in fabric.of_host(host).tolist()
            if int(fabric.dst[row]) == host
            and not fabric.stands_in(row)
            and int(fabric.port[row]) in AUTHENTICATED
        }
        chosen, flows = [], 0
        for row in sorted(near, key=lambda one: int(fabric.flows[one]))[:CONNECTIONS]:
            flows += int(fabric.flows[row])
            if flows > FLOWS:
                break
            chosen.append(row)
        found: dict[tuple[str, str], list[datetime]] = {}
        if not chosen:
            return found
        table = self.lake.uses.sessions(fabric.table(chosen)).rows
        table = table.filter(table["established"]).sort_by("start")
        for number, sensor, start in zip(
            *(table[name].to_pylist() for name in ("number", "sensor", "start")), strict=True
        ):
            src, dst = map(fabric.address, fabric.ends(chosen[number]))
            at = start - round(self.offsets.get(sensor, 0.0) * 1e6)
            found.setdefault((src, dst), []).append(moment(at))
        return {ends: sorted(starts) for ends, starts in found.items()}
