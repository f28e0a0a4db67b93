"""Scripting chains: hosts that no other chain uses, steps with their visits, control from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.chains.truth import Kind, TrueChain, TrueLeaving, TrueStep
from sekisho.model.protocols import TCP
from sekisho.simulate.attack import Script
from sekisho.simulate.base import HOUR, MINUTE
from sekisho.simulate.flows import RSTO, SF, Array, count_packets, ip_bytes
from sekisho.simulate.register import Register
from sekisho.simulate.sensors import Probe

SERVICES = ((445, 0.34), (3389, 0.28), (5985, 0.16), (22, 0.16), (135, 0.06))
"""What intruders go on by, and how often."""
OUTSIDE = (443, 443, 443, 8443, 8080, 4444, 53)
ODD = (4444, 8443, 443, 9001, 1080)


@dataclass(slots=True)
class Plot:
    """One month's stage for chains: what is taken, who sees what."""

    script: Script
    register: Register
    probes: Sequence[Probe]
    rng: np.random.Generator
    taken: set[int] = field(default_factory=set)
    chains: list[TrueChain] = field(default_factory=list)
    _hostile: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        hostile = self.script.company.of("hostile")
        self._hostile = [int(row) for row in self.rng.permutation(hostile)]

    def outsider(self) -> int:
        """A party outside that no other chain has."""
        return self._hostile.pop()

    def host(self, *groups: str, away: int | None = None, share: bool = False) -> int:
        """A host of some groups that no chain has, of another site than `away`'s; `share`: a chain may have it
        when none is free."""
        company = self.script.company
        rows = [int(row) for row in company.of(*groups)]
        rows = [r for r in rows if away is None or company.hosts[r].site != company.hosts[away].site]
        free = [row for row in rows if row not in self.taken]
        pick = free or (rows if share else [])
        if not pick:
            raise LookupError(f"no free host in {groups}")
        row = pick[int(self.rng.integers(len(pick)))]
        self.taken.add(row)
        return row

    def anywhere(self, away: int | None = None) -> int:
        """A server in three of four cases, else somebody's machine."""
        company = self.script.company
        roles: tuple[str, ...] = (
            "files",
            "app",
            "print",
            "edi",
            "historian",
            "dc",
            "dns",
            "patch",
            "erp",
            "mail",
        )
        if self.rng.random() < 0.25:
            roles = ("clients", "eng", "ot", "admins")
        sites = [place.name for place in company.places if not place.realm]
        groups = [f"{s}/{role}" for s in sites for role in roles if f"{s}/{role}" in company.members]
        try:
            return self.host(*groups, away=away)
        except LookupError:
            return self.host(*(f"{s}/clients" for s in sites), away=away)

    def permitted(self, src: int, dst: int, port: int, at: int) -> bool:
        """Whether the register allows it then."""
        return self.register.judge(src, dst, TCP, port, at) == "authorized"

    def inside(self, row: int) -> bool:
        """Whether a host is the company's."""
        return self.script.company.hosts[row].site >= 0

    def service(self, src: int, dst: int, at: int) -> int:
        """A service between two hosts that no rule allows."""
        ports, odds = zip(*SERVICES, strict=True)
        for port in self.rng.choice(ports, 24, p=odds).tolist():
            if not self.permitted(src, dst, int(port), at):
                return int(port)
        raise LookupError("everything is permitted between these two")


@dataclass(slots=True)
class Intrusion:
    """One chain while it is written."""

    plot: Plot
    chain: TrueChain
    end: int

    @classmethod
    def begin(cls, plot: Plot, kind: Kind, entry: int) -> Intrusion:
        """Start one at a host."""
        names = plot.script.company.hosts
        chain = TrueChain(kind, len(plot.chains), names[entry].name)
        plot.chains.append(chain)
        return cls(plot, chain, plot.script.calendar.end - 2 * HOUR)

    def talk(
        self, src: int, dst: int, port: int, at: Sequence[int], seconds: float, out: float, back: float
    ) -> Array:
        """Sessions at those times; gives their flows."""
        script = self.plot.script
        script.sessions(
            f"chain {self.chain.number}", src, dst, port, at, seconds, out, back, (SF, SF, RSTO)
        )
        hosts = script.company.hosts
        self.chain.own.add((hosts[src].name, hosts[dst].name))
        return script.parts[-1]

    def step(
        self,
        src: int,
        dst: int,
        port: int,
        at: Sequence[int],
        seconds: float,
        out: float,
        back: float,
        *,
        reverse: bool = False,
    ) -> None:
        """A step of control with its sessions: the first of `at` is when it was taken."""
        flows = self.talk(
            src, dst, port, [t for t in at if t < self.end] or [at[0]], seconds, out, back
        )
        plot, hosts = self.plot, self.plot.script.company.hosts
        inside = plot.inside(src) and plot.inside(dst)
        self.chain.steps.append(
            TrueStep(
                hosts[src].name,
                hosts[dst].name,
                hosts[src].address,
                hosts[dst].address,
                port,
                int(flows["start"].min()),
                "reverse" if reverse else "connect",
                inside and plot.permitted(src, dst, port, int(flows["start"].min())),
                inside,
                bool(self._recorded(flows).any()),
            )
        )

    def control(self, host: int, at: int) -> int:
        """Control from outside over sessions that the host opens, from `at` on; gives the party."""
        rng, outsider = self.plot.rng, self.plot.outsider()
        port = int(rng.choice(OUTSIDE))
        if rng.random() < 0.3:
            length = int(rng.integers(3, 20)) * HOUR
            times = list(range(at, self.end, length + 20 * MINUTE))[:40]
            self.step(host, outsider, port, times, length / 1e6, 4e5, 9e5, reverse=True)
        else:
            every = int(rng.integers(5, 90)) * MINUTE
            count = min(1500, max(6, (self.end - at) // every))
            times = (
                at + np.arange(count) * every + rng.integers(0, max(every // 8, 1), count)
            ).tolist()
            self.step(host, outsider, port, times, 1.4, 640, 1100, reverse=True)
        return outsider

    def keyboard(self, host: int, outsider: int, at: int) -> None:
        """The operator at work: a longer session with the party outside around a step."""
        port = next(s.port for s in reversed(self.chain.steps) if s.dst == self._name(outsider))
        self.talk(host, outsider, port, [at - 6 * MINUTE], 2400, 90e3, 400e3)

    def visits(self, at: int, apart_hours: float = 12.0) -> list[int]:
        """When a step was taken, and when it was used again."""
        rng = self.plot.rng
        times = [at]
        for _ in range(int(rng.poisson(1.5))):
            times.append(times[-1] + int((1 + rng.exponential(apart_hours)) * HOUR))
        return times

    def leave(self, src: int, outsider: int, times: Sequence[int], total: float) -> None:
        """Bytes that leave for a party outside."""
        script = self.plot.script
        times = [t for t in times if t < self.end - 2 * HOUR] or [self.end - 3 * HOUR]
        script.transfer(f"chain {self.chain.number}", src, outsider, 443, times, total, total / 60)
        flows = script.parts[-1].copy()
        count_packets(flows)
        out, _ = ip_bytes(flows, script.company.v6())
        seen = self._recorded(flows)
        hosts = script.company.hosts
        self.chain.own.add((hosts[src].name, hosts[outsider].name))
        self.chain.leaving.append(
            TrueLeaving(hosts[src].name, hosts[outsider].address, int(out.sum()), int(out[seen].sum()))
        )

    def _recorded(self, flows: Array) -> Array:
        """Which flows some edge sensor recorded."""
        hosts = self.plot.script.company.hosts
        seen = np.zeros(len(flows), dtype=np.bool_)
        ends = {hosts[int(flows[side][0])].where for side in ("src", "dst")}
        for probe in self.plot.probes:
            if "edge" in probe.sees and probe.site in ends:
                end = flows["start"] + flows["duration"]
                lost = np.zeros(len(flows), dtype=np.bool_)
                for outage in probe.outages:
                    lost |= (end >= outage.begin) & (flows["start"] < outage.end)
                seen |= ~lost
        return seen

    def _name(self, row: int) -> str:
        return self.plot.script.company.hosts[row].name
