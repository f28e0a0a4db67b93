"""What speaks for and against that bytes were taken away, as weights that add up.

Weights are powers of ten, as those of steps are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log10

from sekisho.investigate.factors.base import Weight
from sekisho.investigate.leaving.parties import Party
from sekisho.model.sizes import size

PRIOR_OUTSIDE, PRIOR_INSIDE = -2.0, -2.5
MUCH = 100_000_000
"""Bytes from which they matter although nothing is known to have gone on from where they went."""
LARGE = 20_000_000
"""Bytes from which a move within the company is more than a session of work."""
SMALL = 4_000
"""Bytes a session below which it says that it is there, and little else."""
SLOW_DAYS, SLOW_EACH = 7, 20_000_000
"""From so many days on, with no more than so much on any, it is a slow leak."""
SHRUNK = 20
"""What was collected may leave so many times smaller: packed, or a part of it."""
MAIL = frozenset({25, 465, 587})


@dataclass(frozen=True, slots=True)
class Sum:
    """What went from one host to one other: bytes, bytes back, days and sessions, the most on a day."""

    low: int
    high: int
    back: int
    days: int
    flows: int
    most: int


@dataclass(frozen=True, slots=True)
class Outside:
    """What is known of a peer outside. `others` are hosts of the company beside the incident's that talk to
    it, `clients` outside parties that use the same service of the asset, `shared` other assets that sent to it,
    `collected` bytes that had come into the asset, from `sources` hosts."""

    total: Sum
    ages: frozenset[str]
    text: str
    steers: bool
    known_pair: bool
    others: int
    clients: int
    ports: frozenset[int]
    forbidden: bool
    allowed: bool
    party: Party | None
    shared: int = 0
    collected: int = 0
    sources: int = 0


@dataclass(frozen=True, slots=True)
class Inside:
    """What is known of a move within the company. `step`: control went over the connection; `fan` is how
    many hosts the one that gathers deals with in the same way; `onward` bytes that it sent on later."""

    total: Sum
    ages: frozenset[str]
    text: str
    step: bool
    forbidden: bool
    data: bool
    administration: bool
    fan: int
    onward: int
    sources: int


def outside(of: Outside) -> Iterator[Weight]:
    """Factors of what went outside."""
    yield Weight("prior", PRIOR_OUTSIDE, "most of what hosts send outside is their work")
    if of.steers:
        yield Weight("party", 1.5, "the party has a part in the incident")
    yield from _age(of.ages, of.text, known_pair=of.known_pair)
    yield _peer(of.others)
    yield _volume(of.total, 1_000_000, 0.5, (-0.3, 1.4))
    yield _direction(of.total)
    calls = bool(of.total.flows) and of.total.high // of.total.flows < SMALL
    if calls:
        each = size(of.total.high // of.total.flows)
        yield Weight("calls", -1.0, f"{each} a session is little more than a sign of life")
    if of.clients >= 5:
        yield Weight("serves", -1.2, f"it serves {of.clients} parties outside in that way")
    if of.ports and of.ports <= MAIL:
        yield Weight("mail", -1.0, "mail is sent that way")
    if of.ports == {53}:
        yield Weight("names", 0.3, "name service seldom carries so much")
    if of.forbidden:
        yield Weight("policy", 1.0, "no rule allows it")
    elif of.allowed:
        yield Weight("policy", -0.8, "a rule allows it")
    yield from _party(of.party)
    if of.shared:
        yield Weight("shared", 0.6, f"{of.shared + 1} assets in scope sent to it")
    if of.total.low * SHRUNK >= of.collected >= of.total.low / 10:
        whence = f"{of.sources} {'host' if of.sources == 1 else 'hosts'}"
        yield Weight("collected", 0.7, f"{size(of.collected)} had been collected from {whence} before")
    slow = of.total.days >= SLOW_DAYS and of.total.most <= SLOW_EACH
    if slow and not calls and of.total.low > of.total.back:
        text = f"on {of.total.days} days, never more than {size(of.total.most)} on one"
        yield Weight("slow", 0.5, text)


def inside(of: Inside) -> Iterator[Weight]:
    """Factors of what was moved within the company."""
    yield Weight("prior", PRIOR_INSIDE, "most of what hosts exchange is their work")
    if of.step:
        yield Weight("step", 0.6, "control went over this connection")
    if of.forbidden:
        yield Weight("policy", 0.6, "no rule allows it")
    elif not of.step:
        yield Weight("policy", -0.9, "no rule speaks against it")
    yield from _age(of.ages, of.text, known_pair=True)
    yield _volume(of.total, LARGE, 1.0, (-1.0, 1.2))
    yield _direction(of.total)
    if of.data:
        yield Weight("service", 0.4, "files or records are kept there")
    elif of.administration:
        yield Weight("service", -0.5, "what is typed and shown goes over it too")
    if of.fan >= 5:
        yield Weight("fan", -1.0, f"it is dealt with by {of.fan} hosts in that way")
    if of.onward:
        yield Weight("onward", 1.0, f"{size(of.onward)} went on from there afterwards")
        if of.sources > 1:
            yield Weight("staged", 0.5, f"it came together there from {of.sources} hosts")
    elif of.total.low < MUCH:
        yield Weight("kept", -1.5, "nothing is known to have gone on from there")


def _age(ages: frozenset[str], text: str, *, known_pair: bool) -> Iterator[Weight]:
    if "departed" in ages:
        yield Weight("departed", 1.2, text)
    elif "above" in ages:
        yield Weight("above", 0.7, text)
    elif "new" in ages:
        value = 0.4 if known_pair else 0.7
        yield Weight("new", value, "it was first used that way after the asset was reached")
    elif "early" in ages:
        yield Weight(
            "early", 0.2, "it began after the incident did, before the asset is known to be reached"
        )
    else:
        yield Weight("age", -0.1, "evidence begins too late to say whether it is new")


def _peer(others: int) -> Weight:
    if not others:
        return Weight("peer", 0.7, "no host beside those in scope talks to it")
    hosts = "1 other host talks" if others == 1 else f"{others} other hosts talk"
    value = 0.1 if others <= 2 else -0.6 if others < 10 else -1.5
    return Weight("peer", value, f"{hosts} to it")


def _volume(total: Sum, unit: int, slope: float, bounds: tuple[float, float]) -> Weight:
    value = max(bounds[0], min(bounds[1], slope * log10(max(total.low, 1) / unit)))
    return Weight("volume", value, f"{size(total.low)} went")


def _direction(total: Sum) -> Weight:
    ratio = total.low / max(total.back, 1)
    value = 0.7 if ratio >= 5 else 0.3 if ratio >= 1.5 else -0.2 if ratio >= 1 else -1.2
    return Weight("direction", value, f"{size(total.low)} that way, {size(total.back)} back")


def _party(party: Party | None) -> Iterator[Weight]:
    if party is None:
        return
    if party.kind == "zone":
        yield Weight("zone", -0.8, party.said)
    elif party.kind == "mixed":
        yield Weight("cloud", 0.1, party.said)
    else:
        yield Weight("cloud", 0.4, party.said)
