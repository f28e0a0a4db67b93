"""What two policies permit differently at one time, without looking at any evidence.

Both policies cut the addresses into classes. Addresses of one class in each are a *common class*: no
rule of either tells them apart, so pairs of common classes are all there is to compare.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.differences import PermissionChange, Permissions
from sekisho.policy.judge import bits
from sekisho.policy.naming import Common, Naming
from sekisho.policy.ports import LAST, Span, describe, minus, union

Spans = tuple[Span, ...]
MAX_PAIRS = 2_000_000
"""Pairs of common classes compared; more are given up, and `Permissions.complete` says so."""


@dataclass(frozen=True, slots=True)
class Block:
    """From each of the sources to each of the destinations, all of these services change alike."""

    permitted: bool
    sources: frozenset[Common]
    destinations: frozenset[Common]
    services: Spans


def permissions(
    old: CompiledPolicy, new: CompiledPolicy, at: datetime, *, limit: int = 200, pairs: int = MAX_PAIRS
) -> Permissions:
    """What becomes permitted and what ceases to be at that time (aware), named as rules name it.

    At most `limit` changes are written out, what becomes permitted first.
    """
    blocks, complete = compare(old, new, at, pairs=pairs)
    naming = Naming(old, new, common_classes(old, new, at))
    changes = sorted(
        (
            PermissionChange(
                change="permitted" if block.permitted else "ceased",
                sources=naming.names(block.sources),
                destinations=naming.names(block.destinations),
                services=describe(block.services),
            )
            for block in blocks
        ),
        key=lambda c: (c.change == "ceased", c.sources, c.destinations, c.services),
    )
    return Permissions(at=at, changes=tuple(changes[:limit]), total=len(changes), complete=complete)


def common_classes(old: CompiledPolicy, new: CompiledPolicy, at: datetime) -> frozenset[Common]:
    """Every (class of `old`, class of `new`) that some address has at that time."""
    found: set[Common] = set()
    for realm in sorted(old.inventory.realms | new.inventory.realms):
        left = old.labels.intervals(old.labels.epoch_of(at), realm)
        right = new.labels.intervals(new.labels.epoch_of(at), realm)
        starts = {*left.starts, *right.starts}
        found.update((left.at(start), right.at(start)) for start in starts)
    return frozenset(found)


def compare(
    old: CompiledPolicy, new: CompiledPolicy, at: datetime, *, pairs: int = MAX_PAIRS
) -> tuple[tuple[Block, ...], bool]:
    """Every difference as blocks that do not overlap, and whether all pairs were looked at."""
    sides = _Side(old, at), _Side(new, at)
    found: dict[tuple[bool, Spans], dict[Common, set[Common]]] = {}
    complete = True
    for count, (src, dst) in enumerate(_candidates(*sides, common_classes(old, new, at))):
        if count >= pairs:
            complete = False
            break
        before, after = sides[0].spans(src[0], dst[0]), sides[1].spans(src[1], dst[1])
        if before == after:
            continue
        for permitted, spans in ((True, minus(after, before)), (False, minus(before, after))):
            if spans:
                found.setdefault((permitted, spans), {}).setdefault(src, set()).add(dst)
    return tuple(_blocks(found)), complete


def _blocks(found: dict[tuple[bool, Spans], dict[Common, set[Common]]]) -> Iterator[Block]:
    """Sources with the same destinations together."""
    for (permitted, spans), reached in found.items():
        alike: dict[frozenset[Common], set[Common]] = {}
        for src, destinations in reached.items():
            alike.setdefault(frozenset(destinations), set()).add(src)
        for destinations_, sources in alike.items():
            yield Block(permitted, frozenset(sources), destinations_, spans)


class _Side:
    """One policy at one time."""

    def __init__(self, judge: CompiledPolicy, at: datetime) -> None:
        self.judge, self.valid = judge, judge.valid(at)
        self._spans: dict[int, Spans] = {}

    def spans(self, src: int, dst: int) -> Spans:
        """The services that the policy does not object to between two classes."""
        found = self.judge.pair(src, dst)
        if isinstance(found, Rank):
            return ((0, LAST),) if found < Rank.UNMAPPED else ()
        mask = found & self.valid
        known = self._spans.get(mask)
        if known is None:
            known = union(span for position in bits(mask) for span in self.judge.spans[position])
            self._spans[mask] = known
        return known

    def contents(self) -> dict[int, object]:
        """What each valid rule permits, by its position."""
        rules = self.judge.policy.rules
        return {
            n: (frozenset(rules[n].sources), frozenset(rules[n].destinations), self.judge.spans[n])
            for n in bits(self.valid)
        }

    def ends(self, number: int, own: int) -> tuple[int, int]:
        """Which of the rules `own` (bits) mean the class as a source, and as a destination."""
        sources, destinations = self.judge.masks(number)
        return sources & own, destinations & own


def _candidates(old: _Side, new: _Side, classes: Iterable[Common]) -> Iterator[tuple[Common, Common]]:
    """Pairs that can differ, in a fixed order. Where the two have one inventory, only rules that one
    of them lacks can make a difference."""
    ordered = sorted(classes)
    same = old.judge.inventory is new.judge.inventory or (
        old.judge.inventory.sha256 == new.judge.inventory.sha256 != ""
    )
    if not same or old.judge.policy.intra_site != new.judge.policy.intra_site:
        yield from ((src, dst) for src in ordered for dst in ordered)
        return
    before, after = old.contents(), new.contents()
    kept = set(before.values()) & set(after.values())
    gone = sum(1 << n for n, content in before.items() if content not in kept)
    come = sum(1 << n for n, content in after.items() if content not in kept)
    ends = {c: (old.ends(c[0], gone), new.ends(c[1], come)) for c in ordered}
    sources = [(c, was[0], now[0]) for c, (was, now) in ends.items() if was[0] or now[0]]
    destinations = [(c, was[1], now[1]) for c, (was, now) in ends.items() if was[1] or now[1]]
    for src, from_gone, from_come in sources:
        for dst, to_gone, to_come in destinations:
            if from_gone & to_gone or from_come & to_come:
                yield src, dst
