"""Commands that come back over a session that the controlled host opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp

from sekisho.investigate.fabric import FRESH, OWN, Fabric
from sekisho.investigate.factors.base import Step, Weight, seldom, span
from sekisho.investigate.factors.timing import SLACK
from sekisho.investigate.moments import HOUR
from sekisho.investigate.talks import Talks, regularity

PRIOR = -0.6
"""Taken together with the prior of all steps: most sessions to the outside are somebody's work."""
LONG = HOUR
IDLE = -1.5
LASTING = 12
"""With so many sessions a party is more than looked up."""
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
    unwatched: int | None = None,
) -> Iterator[Weight]:
    """Signs that a session from `step.head` to `step.tail` steers the host that opened it.

    `onward` are the times at which it took steps of its own, `reached` is when control came to it by
    another way, `shared` how many other hosts in the incident talk to the same peer; `known` says that
    another session of these two hosts steers it, `unwatched` since when nobody could have seen it before its
    first record.
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
    yield from _begun(fabric, row, found[0].start, unwatched, onward, reached)
    port = int(fabric.port[row])
    if port not in (80, 443, 53, 123, 8080, 3128) and not fabric.internal(step.tail):
        yield Weight("port", 0.3, f"port {port} is not what the outside is usually asked for")


def _begun(
    fabric: Fabric,
    row: int,
    start: int,
    unwatched: int | None,
    onward: Sequence[int],
    reached: int | None,
) -> Iterator[Weight]:
    """Whether it began, or may have begun while nobody watched, at a telling time: soon after control came to
    its source, or before its source's first step."""
    earliest = start if unwatched is None else min(start, unwatched)
    hidden = start - earliest
    if start < fabric.begin + FRESH:
        return
    if reached is not None and reached - SLACK <= start and earliest - reached <= PROMPT:
        after = "control came to its source"
        text = f"it began {span(start - reached)} after {after}"
        if hidden:
            text = (
                f"nobody watched for {span(hidden)} before its first record: perhaps soon after {after}"
            )
        yield _prompt(fabric, row, text, 0.0 if hidden else 0.8, PROMPT + hidden)
    elif onward and earliest <= min(onward) and min(onward) - start <= 3 * FRESH:
        text = f"it began {span(min(onward) - start)} before its source's first step"
        if hidden:
            text = (
                f"nobody watched for {span(hidden)} before its first record: it may have begun before its"
                " source's first step"
            )
        yield _prompt(fabric, row, text, 0.0 if hidden else 0.5, 3 * FRESH + hidden)


def _prompt(fabric: Fabric, row: int, text: str, least: float, within: int) -> Weight:
    """It began at a telling time, the rarer by chance the fewer hosts of the company take to a party of their
    own in such a time (`within`, microseconds). It weighs `least` or more; that where others talk to it."""
    if fabric.internal(int(fabric.dst[row])) or fabric.hosts.talked_to_by[fabric.dst[row]] > OWN:
        return Weight("prompt", least, text)
    begun = fabric.own_parties[fabric.own_parties >= min(LASTING, int(fabric.flows[row]))]
    hosts = max(1, int((fabric.hosts.site > 0).sum()))
    by_chance = 1.0 - exp(-len(begun) / hosts * within / max(within, fabric.end - fabric.begin))
    value = max(least, seldom(by_chance))
    return Weight(
        "prompt", value, f"{text}; a host takes to a party of its own so by chance in {by_chance:.0%}"
    )
