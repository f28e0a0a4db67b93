"""What an investigation said of a chain, held against the truth. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.chains.truth import Kind, TrueChain, TrueStep
from sekisho.investigate.run import Investigation
from sekisho.model.hops import HopDocument, OtherUse

INTERVAL = 300.0
"""Seconds: exporters and sensors tell of a conversation within five minutes."""
Names = Mapping[tuple[str, str], str]
"""Hostnames by realm and address."""
Key = tuple[str, str, int, str]
"""Initiator, responder, port, kind."""


@dataclass(frozen=True, slots=True)
class Left:
    """What is on record of what left a host for a party, and as told: `low` and `high` bytes, None where it was
    not told. `unseen` says that it was told that nobody could have seen what left the host."""

    true: int
    low: int | None
    high: int | None
    unseen: bool = False

    @property
    def recorded(self) -> bool:
        """Whether any sensor recorded some of it."""
        return self.true > 0

    @property
    def covered(self) -> bool:
        """Whether the truth lies in the range."""
        return self.low is not None and self.high is not None and self.low <= self.true <= self.high

    @property
    def close(self) -> bool:
        """Whether the middle of the range is within a tenth of the truth."""
        if self.low is None or self.high is None:
            return False
        return abs((self.low + self.high) / 2 - self.true) <= 0.1 * self.true


@dataclass(frozen=True, slots=True)
class Score:
    """One chain. `found` of `true` steps that any sensor recorded; `right` of the `told` hops are steps of
    it, `own` are other connections of the intruder. `ordered` steps were found in their order;
    `entry` is the rank of the true first asset (0: not named). `onset` is the error in seconds, `bounded`
    says that the beginning was given as "on or before"."""

    kind: Kind
    true: int
    found: int
    told: int
    right: int
    own: int
    ordered: int
    entry: int
    onset: float | None
    bounded: bool
    leaving: tuple[Left, ...]
    seconds: float

    @property
    def in_order(self) -> bool:
        """Whether four fifths of the steps were found in the right order."""
        return self.ordered >= 0.8 * self.true

    @property
    def dated(self) -> bool:
        """Whether the onset is within an interval of the truth, or is rightly a bound."""
        if self.onset is None:
            return False
        return abs(self.onset) <= INTERVAL or (self.bounded and self.onset > 0)


def score(chain: TrueChain, found: Investigation, names: Names, seconds: float) -> Score:
    """Hold one investigation against its chain."""
    steps = chain.visible
    at: dict[Key, float] = {}
    right = own = 0
    for hop in found.hops:
        keys = keys_of(hop, names)
        for key, told in zip(keys, uses(hop), strict=True):
            at.setdefault(key, told.at.timestamp())
        pairs = {(key[0], key[1], key[3]) for key in keys}
        if pairs & {(s.src, s.dst, s.kind) for s in steps}:
            right += 1
        elif {pair[:2] for pair in pairs} & chain.own:
            own += 1
    times = [at[key] for step in steps if (key := key_of(step)) in at]
    entry = found.entry
    ranked = [named(names, c.realm, c.address) for c in entry.candidates] if entry else []
    onset = None
    if found.onset is not None and steps:
        onset = found.onset.at.timestamp() - min(s.at for s in chain.steps) / 1e6
    return Score(
        kind=chain.kind,
        true=len(steps),
        found=len(times),
        told=len(found.hops),
        right=right,
        own=own,
        ordered=longest_rising(times),
        entry=ranked.index(chain.entry) + 1 if chain.entry in ranked else 0,
        onset=onset,
        bounded=found.onset is not None and found.onset.kind == "on_or_before",
        leaving=tuple(_left(chain, found, names)),
        seconds=seconds,
    )


def _left(chain: TrueChain, found: Investigation, names: Names) -> Iterator[Left]:
    told = {
        (named(names, one.src_realm, one.src), one.dst): one.bytes
        for one in found.exfiltration
        if one.external
    }
    unseen = {
        named(names, one.realm, one.address) for one in found.leaving if one.state == "no_coverage"
    }
    for one in chain.leaving:
        said = told.get((one.src, one.dst_address))
        low, high = (said.low, said.high) if said else (None, None)
        yield Left(one.recorded, low, high, one.src in unseen)


def key_of(step: TrueStep) -> Key:
    """What a step is told by."""
    return step.src, step.dst, step.port, step.kind


def keys_of(hop: HopDocument, names: Names) -> Sequence[Key]:
    """A hop and the further connections of its two hosts; one that runs against its session was opened by
    the host that the others led to."""
    src, dst = named(names, hop.src_realm, hop.src), named(names, hop.dst_realm, hop.dst)
    ends = {hop.kind: (src, dst)}
    ends.setdefault("connect", (dst, src))
    ends.setdefault("reverse", (dst, src))
    return [(*ends[use.kind], use.port, use.kind) for use in uses(hop)]


def uses(hop: HopDocument) -> list[HopDocument | OtherUse]:
    """A hop's own connection and the further ones of its two hosts."""
    return [hop, *hop.also]


def named(names: Names, realm: str | None, address: str) -> str:
    """The hostname behind an address, else the address."""
    return names.get((realm or "", address), address)


def longest_rising(times: Sequence[float]) -> int:
    """The most elements that stand in rising order."""
    tails: list[float] = []
    for time in times:
        place = bisect_left(tails, time)
        tails[place : place + 1] = [time]
    return len(tails)


def chained(found: Investigation) -> bool:
    """Whether it tells of a chain: a path of two steps and more."""
    return any(len(path.hops) >= 2 for path in found.paths)
