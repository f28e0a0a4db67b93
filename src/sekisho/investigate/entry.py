"""At which asset it began: every host that took a step, ranked by what it leaves unexplained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log10

from sekisho.investigate.fabric import Fabric
from sekisho.investigate.factors.base import Weight, span
from sekisho.investigate.graph import StepGraph
from sekisho.investigate.moments import HOUR
from sekisho.investigate.steps import Scored

KEPT = 8
STRONGEST = 3.0
"""More than that no single step says for or against an origin."""


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
    """Candidates with their shares, the likeliest first.

    If it began at a host, then each step that nothing of this host's led to was chance, or a way in of its
    own: it counts against the host as much as it speaks for being a step.
    """
    steps = graph.steps
    ends = {h for s in steps for h in (s.step.tail, s.step.head)}
    hosts = {h for h in ends if fabric.internal(h) and not fabric.hidden(h)}
    active = {s.step.tail for s in steps} & hosts
    started = {host: min(s.at for s in steps if host in (s.step.tail, s.step.head)) for host in hosts}
    begin = min(started.values(), default=0)
    found = []
    for host in active or hosts:
        outside = [s for s in steps if s.step.head == host and not fabric.internal(s.step.tail)]
        through = min(outside, key=lambda s: s.at) if outside else None
        weights = tuple(_weigh(graph, fabric, host, through, started[host] - begin))
        found.append(Origin(host, started[host], through.step.tail if through else None, weights))
    return _shared(found)


def _weigh(
    graph: StepGraph, fabric: Fabric, host: int, through: Scored | None, late: int
) -> Iterator[Weight]:
    # Parties outside come by themselves: a step of theirs needs no host of the company before it.
    inside = [s for s in graph.steps if fabric.internal(s.step.tail)]
    led = graph.steps_from(host)
    others = [s for s in inside if s not in led]
    if others:
        against = sum(min(STRONGEST, max(0.0, s.total)) for s in others)
        yield Weight(
            "unexplained",
            -against,
            f"{len(others)} of {len(inside)} steps did not come of what it did",
        )
    if through is not None:
        yield Weight(
            "outside", 0.5, f"{fabric.address(through.step.tail)}, an outside party, steered it"
        )
    yield Weight(
        "first",
        -0.4 * log10(1.0 + late / HOUR) if late else 0.3,
        f"it was in use {span(late)} after the first step" if late else "nothing is earlier",
    )


def _shared(found: list[Origin]) -> list[Origin]:
    odds = [10.0 ** sum(w.value for w in origin.weights) for origin in found]
    whole = sum(odds) or 1.0
    shared = [
        Origin(o.host, o.since, o.through, o.weights, one / whole)
        for o, one in zip(found, odds, strict=True)
    ]
    return sorted(shared, key=lambda o: (-o.share, o.since, o.host))[:KEPT]
