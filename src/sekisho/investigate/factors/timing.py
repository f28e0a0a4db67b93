"""When it happened: how long after control had arrived, inside which session, with how many bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import exp, log10

from sekisho.investigate.factors.base import Weight, seldom, span
from sekisho.investigate.moments import HOUR
from sekisho.investigate.talks import Bulk, Talk, Talks

SLACK = 10 * 60_000_000
"""Microseconds by which sessions may miss each other and still count as together."""
OPEN = 2 * 60_000_000
"""The same where it is asked whether a session was open: beats of a quarter of an hour are no session."""
BESIDE = 20 * 60_000_000
NEAR, FALL, HALF = 0.4, 0.5, 6 * HOUR
"""Steps of recorded campaigns follow each other after 10 h in the middle, 53 h at most (LMDG); longer ones
happen. The weight falls with the logarithm of the gap and never drops."""
LATE = 24 * HOUR
"""Three of four steps come sooner (LMDG, 22.4 h). Of later ones no more is taken for granted than that tenfold
waits are as likely as each other: so many the fewer fall into an hour, while what others do is spread evenly,
and the weight falls by one for each tenfold."""
UNEXPLAINED = -1.5
BRIDGE = 1.2
ONWARD = 72 * HOUR
"""So long after a connection what its destination did is looked at."""


def gap(since: int | None, at: int, *, arrived: bool) -> Weight:
    """The time from `since`, when the host was last known to be in use by the intruder (None: not known),
    to `at`. `arrived`: `since` is when control came to the host."""
    if since is None:
        return Weight("gap", 0.0, "it is not known since when its source was in somebody's hands")
    away = at - since
    value = NEAR - FALL * log10(1.0 + abs(away) / HALF)
    value -= (1.0 - FALL) * log10(max(1.0, abs(away) / LATE))
    if away < -SLACK and arrived:
        return Weight(
            "gap",
            value + UNEXPLAINED,
            f"{span(away)} before control is known to have come to its source",
        )
    where = "after control came to its source" if arrived else "from another step of its source"
    return Weight("gap", value, f"{span(away)} {where}")


def adjacent(rate: float, at: int, acts: Sequence[int]) -> Iterator[Weight]:
    """Used right beside other steps of its source, although it is seldom used: `rate` sessions an hour in
    all, `acts` the times of the other steps. What is used all day is beside everything by chance."""
    nearest = min((abs(at - act) for act in acts), default=BESIDE + 1)
    if nearest > BESIDE:
        return
    by_chance = 1.0 - exp(-rate * len(acts) * 2 * BESIDE / HOUR)
    value = seldom(by_chance)
    if value > 0:
        yield Weight(
            "adjacent",
            value,
            f"{span(nearest)} from another step of its source, which is so by chance in {by_chance:.0%}",
        )


def onward(after: int, rate: float) -> Iterator[Weight]:
    """`after` the connection (microseconds) its destination opened one that no rule allows; such a host does
    so at a `rate` (a microsecond) anyway. Weighs what `adjacent` does, for the same reason."""
    by_chance = 1.0 - exp(-rate * max(after, HOUR))
    value = seldom(by_chance)
    if value > 0:
        yield Weight(
            "onward",
            value,
            f"{span(after)} later its destination opened a connection that no rule allows, which it would"
            f" have by chance in {by_chance:.0%}",
        )


def bridge(before: int, reached: int, onto: int) -> Iterator[Weight]:
    """A permitted connection into a host that breaks the rules soon after, although nobody came to it without
    one; `before` the connection (microseconds) somebody had come so to its source. It is the likelier to be the
    one, the fewer clients were `reached` so and the fewer hosts went on so `onto` which its source may go."""
    value = BRIDGE - log10(reached * onto)
    if value > 0:
        yield Weight(
            "bridge",
            value,
            f"{span(before)} before, its source or who uses that had been reached without a rule, as {reached}"
            f" of who may come to its destination had; {onto} of those its source may reach went on so",
        )


def bulk(one: Bulk) -> Iterator[Weight]:
    """A permitted connection that carried more than ever; the more sessions it had before, the seldomer by
    chance the next one is the largest."""
    by_chance = 1.0 / (1.0 + one.before)
    value = seldom(by_chance)
    if value > 0:
        text = f"it carried {one.size:,} bytes, and none of {one.before} sessions before more than {one.most:,}"
        yield Weight("bulk", value, text)


def overlap(talks: Talks, into: Iterable[int], at: int) -> Iterator[Weight]:
    """A session into the source (rows `into`) that was open when the step was taken."""
    for row in into:
        talk = talks.alive(row, at, OPEN)
        if talk is not None:
            yield Weight("overlap", 0.5, "a session through which its source was controlled was open")
            return


def relay(talks: Talks, into: Iterable[int], out: Talk) -> Iterator[Weight]:
    """As many bytes came into the source as left it, in sessions that were open together: a relay."""
    for row in into:
        for talk in talks.of.get(row, ())[-256:]:
            together = min(talk.end, out.end) - max(talk.start, out.start)
            if (
                together < 0.6 * max(out.end - out.start, talk.end - talk.start)
                or together < 30_000_000
            ):
                continue
            alike = min(_alike(talk.sent, out.sent), _alike(talk.received, out.received))
            turned = min(_alike(talk.sent, out.received), _alike(talk.received, out.sent))
            best = max(alike, turned)
            if best > 0.8 and out.sent + out.received > 20_000:
                yield Weight(
                    "relay", 0.8, f"bytes in and out of its source agree to {best:.0%}: a relay"
                )
                return


def _alike(one: int, other: int) -> float:
    return min(one, other) / max(one, other) if max(one, other) > 0 else 1.0
