"""At which asset it began: every host that took a step, ranked."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10

from sekisho.investigate.fabric import Fabric
from sekisho.investigate.factors.base import Weight, span
from sekisho.investigate.graph import StepGraph

KEPT = 8


@dataclass(frozen=True, slots=True)
class Origin:
    """A host that may be the first; `since` is when it was first in use, `through` the outside party that
    steered it."""

    host: int
    since: int
    through: int | None
    weights: tuple[Weight, ...]
    share: float = 0.0


def origins(graph: StepGraph, fabric: Fabric) -> list[Origin]:
    """Candidates with their shares, the likeliest first."""
    steps = graph.steps
    ends = {h for s in steps for h in (s.step.tail, s.step.head)}
    hosts = {h for h in ends if fabric.internal(h) and not fabric.hidden(h)}
    reached = {host: {h for h in graph.reached_from(host) if fabric.internal(h)} for host in hosts}
    active = {s.step.tail for s in steps} & hosts
    started = {host: min(s.at for s in steps if host in (s.step.tail, s.step.head)) for host in hosts}
    begin = min(started.values(), default=0)
    found = []
    for host in active or hosts:
        weights = []
        others = len(hosts) - 1
        if others:
            share = len(reached[host] - {host}) / others
            weights.append(
                Weight(
                    "reach",
                    log10(max(share, 0.02)) * 1.5,
                    f"what it did led to {share:.0%} of the others",
                )
            )
        acts = [s.at for s in steps if s.step.tail == host]
        first = min(acts, default=started[host])
        inward = [
            s for s in steps if s.step.head == host and fabric.internal(s.step.tail) and s.at <= first
        ]
        if inward:
            best = max(inward, key=lambda s: s.total)
            value = max(-2.0, log10(max(1.0 - best.likelihood, 0.01)))
            weights.append(
                Weight("reached", value, f"it was reached from {fabric.address(best.step.tail)} before")
            )
        outside = [s for s in steps if s.step.head == host and not fabric.internal(s.step.tail)]
        through = min(outside, key=lambda s: s.at) if outside else None
        if through is not None:
            weights.append(
                Weight(
                    "outside", 0.5, f"{fabric.address(through.step.tail)}, an outside party, steered it"
                )
            )
        late = started[host] - begin
        weights.append(
            Weight(
                "first",
                -0.4 * log10(1.0 + late / 3_600_000_000) if late else 0.3,
                f"it was in use {span(late)} after the first step" if late else "nothing is earlier",
            )
        )
        found.append(
            Origin(host, started[host], through.step.tail if through else None, tuple(weights))
        )
    return _shared(found)


def _shared(found: list[Origin]) -> list[Origin]:
    odds = [10.0 ** sum(w.value for w in origin.weights) for origin in found]
    whole = sum(odds) or 1.0
    shared = [
        Origin(o.host, o.since, o.through, o.weights, one / whole)
        for o, one in zip(found, odds, strict=True)
    ]
    return sorted(shared, key=lambda o: (-o.share, o.since, o.host))[:KEPT]
