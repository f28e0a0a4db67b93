"""Commands that come back over a session that the controlled host opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sekisho.investigate.fabric import FRESH, Fabric
from sekisho.investigate.factors.base import HOUR, Step, Weight, span
from sekisho.investigate.factors.timing import SLACK
from sekisho.investigate.talks import Talks, regularity

PRIOR = -0.6
"""Taken together with the prior of all steps: most sessions to the outside are somebody's work."""
LONG = HOUR
IDLE = -1.5
PROMPT = 6 * HOUR
"""So soon after control came a host calls home."""


def control(
    fabric: Fabric,
    talks: Talks,
    step: Step,
    onward: Sequence[int],
    reached: int | None,
    shared: int,
    *,
    known: bool,
) -> Iterator[Weight]:
    """Signs that a session from `step.head` to `step.tail` steers the host that opened it.

    `onward` are the times at which it took steps of its own, `reached` is when control came to it by
    another way, `shared` how many other hosts in the incident talk to the same peer; `known` says that
    another session of these two hosts steers it.
    """
    row = step.row
    found = talks.of.get(row, ())
    yield Weight("reverse", PRIOR, "a session that a host opens is seldom there to steer it")
    if not fabric.internal(step.tail):
        peers = fabric.talkers.count(step.tail, 1 << 62) - shared
        if peers <= 2:
            yield Weight("peer", 0.6, "hardly anybody else in the company talks to that party")
        elif peers >= 10:
            yield Weight("peer", -1.5, f"{peers} hosts of the company talk to that party")
        if shared:
            yield Weight("shared", 1.5, f"{shared} other hosts of the incident talk to that party too")
    if known:
        yield Weight("party", 1.2, "another session with the same party steers its source")
    if not found:
        return
    longest = max(talk.end - talk.start for talk in found)
    steady = regularity(found)
    if fabric.internal(step.tail) and longest < LONG and not any(at >= found[0].start for at in onward):
        yield Weight("idle", IDLE, "nothing came of it, and it was not held open")
    if longest >= LONG:
        yield Weight("held", 0.6, f"a session was held open for {span(longest)}")
    elif len(found) >= 12 and steady >= 0.6:
        yield Weight("beat", 0.9, f"{len(found)} sessions keep a beat, as a program does")
    together = sum(1 for at in onward if talks.alive(row, at, SLACK))
    if onward and together:
        share = together / len(onward)
        if share >= 0.5:
            yield Weight(
                "overlap",
                0.4 + 0.2 * min(together, 3),
                f"it was open at {together} of {len(onward)} steps that its source took",
            )
    start = found[0].start
    if reached is not None and start >= fabric.begin + FRESH and -SLACK <= start - reached <= PROMPT:
        yield Weight(
            "prompt", 0.8, f"it began {span(start - reached)} after control came to its source"
        )
    elif onward and start >= fabric.begin + FRESH and 0 <= min(onward) - start <= 3 * FRESH:
        yield Weight(
            "prompt", 0.5, f"it began {span(min(onward) - start)} before its source's first step"
        )
    port = int(fabric.port[row])
    if port not in (80, 443, 53, 123, 8080, 3128) and not fabric.internal(step.tail):
        yield Weight("port", 0.3, f"port {port} is not what the outside is usually asked for")
