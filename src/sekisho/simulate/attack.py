"""Scripting what somebody does on purpose: sessions, beacons, probes and transfers, and their hops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from sekisho.model.protocols import TCP
from sekisho.simulate.base import HOUR, MINUTE, SECOND, Labels
from sekisho.simulate.calendar import Calendar
from sekisho.simulate.company import Company
from sekisho.simulate.flows import APP, EMPTY, EPHEMERAL, REJ, RSTO, S0, SF, Array, blank, join

APP_OF = {22: "ssh", 445: "gssapi,smb,krb", 3389: "rdp", 5985: "http", 443: "ssl", 135: "dce_rpc"}
TECHNIQUE_OF = {22: "T1021.004", 445: "T1021.002", 3389: "T1021.001", 5985: "T1021.006", 135: "T1047"}


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of control. `reverse`: `src` opened the session, control ran from `dst` to `src`."""

    src: int
    dst: int
    port: int
    at: int
    technique: str
    kind: Literal["connect", "reverse"] = "connect"
    protocol: int = TCP


@dataclass(slots=True)
class Script:
    """Flows and hops of one scenario. Times are microseconds UTC."""

    company: Company
    calendar: Calendar
    rng: np.random.Generator
    labels: Labels
    parts: list[Array] = field(default_factory=list)
    hops: list[Hop] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def flows(self) -> Array:
        """All of it in order of time, inside the calendar."""
        flows = join(self.parts) if self.parts else EMPTY
        inside = (flows["start"] >= self.calendar.begin) & (flows["start"] < self.calendar.end - MINUTE)
        flows = flows[inside]
        return flows[np.argsort(flows["start"], kind="stable")]

    def gap(self, longest_hours: float = 53.0) -> int:
        """A pause as between steps of recorded campaigns: median 10.1 h, long tail, bounded."""
        hours = 10.1 * float(np.exp(self.rng.normal(0.0, 1.3)))
        return int(min(max(hours, 0.3), longest_hours) * HOUR)

    def sessions(
        self,
        label: str,
        src: int,
        dst: int,
        port: int,
        at: Array | Sequence[int],
        seconds: float,
        out: float,
        back: float,
        states: Sequence[int] = (SF,),
    ) -> None:
        """Conversations at those times; medians of length and payload bytes each way."""
        times = np.asarray(at, dtype=np.int64)
        flows = blank(len(times))
        flows["src"], flows["dst"], flows["start"] = src, dst, times
        flows["proto"], flows["dport"] = TCP, port
        flows["sport"] = self.rng.integers(EPHEMERAL, 65536, len(times))
        noise = np.exp(self.rng.normal(0.0, 0.35, (3, len(times))))
        flows["duration"] = noise[0] * seconds * SECOND + 900
        flows["out"], flows["in"] = noise[1] * out, noise[2] * back
        flows["state"] = self.rng.choice(np.asarray(states), len(times))
        unanswered = (flows["state"] == S0) | (flows["state"] == REJ)
        flows["app"] = np.where(unanswered, 0, APP[APP_OF.get(port, "-")])
        flows["label"] = self.labels.number(label)
        self.parts.append(flows)

    def hop(
        self, src: int, dst: int, port: int, at: int, technique: str = "", reverse: bool = False
    ) -> None:
        """Note a step of control."""
        name = technique or TECHNIQUE_OF.get(port, "T1021")
        self.hops.append(Hop(src, dst, port, at, name, "reverse" if reverse else "connect"))

    def beacon(
        self, label: str, src: int, dst: int, port: int, begin: int, end: int, every: int
    ) -> None:
        """A short call home at a period with jitter, and hands on the keyboard in a few of them."""
        count = max(1, (end - begin) // every)
        times = begin + np.arange(count) * every + self.rng.integers(0, max(every // 8, 1), count)
        self.sessions(label, src, dst, port, times[times < end], 1.4, 640, 1100)

    def probe(
        self, label: str, src: int, targets: Sequence[int], port: int, at: int, pace: int = SECOND
    ) -> None:
        """One try at each target: no answer or a refusal; some stacks repeat it 7 s apart."""
        for number, target in enumerate(targets):
            moment = at + number * pace + int(self.rng.integers(0, pace))
            state = int(self.rng.choice([S0, REJ]))
            self.sessions(label, src, target, port, [moment], 0, 0, 0, (state,))
            if state == S0 and self.rng.random() < 0.3:
                # The same five-tuple again: a SYN that its sender repeats after its sensor gave up.
                again = self.parts[-1].copy()
                later = self.parts[-1].copy()
                again["start"] += 7_020_000
                later["start"] += 21_060_000
                self.parts += [again, later]

    def transfer(
        self, label: str, src: int, dst: int, port: int, times: Sequence[int], out: float, back: float
    ) -> None:
        """That much payload in all, over as many sessions as there are times."""
        each = max(1, len(times))
        seconds = max(20.0, max(out, back) / each / 1_800_000)
        self.sessions(label, src, dst, port, times, seconds, out / each, back / each, (SF, RSTO))

    def nights(self, site: int, begin: int, end: int, each: int) -> list[int]:
        """Times in the small hours of a site, a few a night."""
        times = []
        for day in range(self.calendar.days + 1):
            midnight = (
                self.calendar.begin + day * 24 * HOUR - self.calendar.offset(site, self.calendar.begin)
            )
            times += [midnight + int(self.rng.integers(60, 280)) * MINUTE for _ in range(each)]
        return sorted(t for t in times if begin <= t < end)
