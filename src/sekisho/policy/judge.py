"""What one policy says of pairs of classes, each question worked out once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime

from sekisho.inventory.register import Inventory
from sekisho.model.addresses import IPAddress
from sekisho.model.rules import Policy, Rule, Selector
from sekisho.model.verdicts import Rank
from sekisho.policy.classes import AddressClass, Classes
from sekisho.policy.ports import Span, covers, key, spans_of
from sekisho.policy.timeline import Piece, effective, rule_points, timeline
from sekisho.policy.verdicts import unjudged

End = tuple[str, IPAddress]
"""(realm, address)."""


class Judge:
    """One policy over one inventory. Sets of rules are the bits of a number, in the order of the files.

    `extra` selectors are kept apart in the classes too, for tests and differences.
    """

    def __init__(self, policy: Policy, inventory: Inventory, extra: Iterable[Selector] = ()) -> None:
        self.policy, self.inventory = policy, inventory
        used = [s for rule in policy.rules for s in (*rule.sources, *rule.destinations)]
        self.labels = Classes(inventory, [*used, *extra])
        self.epochs: tuple[datetime, ...] = inventory.change_points
        self.cuts: tuple[datetime, ...] = tuple(sorted({*self.epochs, *rule_points(policy.rules)}))
        self.spans: tuple[tuple[Span, ...], ...] = tuple(
            spans_of(rule.services) for rule in policy.rules
        )
        self._rules = {rule.id: rule for rule in policy.rules}
        self._sides = tuple(self._by_selector(side) for side in ("sources", "destinations"))
        self._masks: list[tuple[int, int]] = []
        self._pairs: dict[tuple[int, int], Rank | int] = {}
        self._timelines: dict[int, tuple[Piece, ...]] = {}
        self._services: dict[tuple[int, int], int] = {}
        self._valid: dict[int, int] = {}

    def _by_selector(self, side: str) -> dict[int, int]:
        """Selector number to the set (as bits) of the rules that name it on that side."""
        found: dict[int, int] = {}
        for position, rule in enumerate(self.policy.rules):
            for selector in getattr(rule, side):
                number = self.labels.number_of[selector]
                found[number] = found.get(number, 0) | (1 << position)
        return found

    @property
    def classes(self) -> Sequence[AddressClass]:
        """Classes by number. Grows as more epochs and realms are labelled."""
        return self.labels.list

    def rule(self, name: str) -> Rule | None:
        """The rule of that id."""
        return self._rules.get(name)

    def masks(self, number: int) -> tuple[int, int]:
        """The rules (as bits) whose sources, and whose destinations, mean the class."""
        while len(self._masks) <= number:
            found = self.classes[len(self._masks)]
            sides = []
            for side in self._sides:
                mask = 0
                for selector in found.selectors:
                    mask |= side.get(selector, 0)
                sides.append(mask)
            self._masks.append((sides[0], sides[1]))
        return self._masks[number]

    def pair(self, src: int, dst: int) -> Rank | int:
        """The verdict (a Rank) of two classes where rules do not decide, else the rules (bits of a
        plain int) whose ends mean them."""
        found = self._pairs.get((src, dst))
        if found is None:
            fixed = unjudged(
                self.classes[src], self.classes[dst], self.inventory, self.policy.intra_site
            )
            found = self.masks(src)[0] & self.masks(dst)[1] if fixed is None else fixed
            self._pairs[src, dst] = found
        return found

    def serving(self, protocol: int, port: int) -> int:
        """The rules (as bits) whose services cover that protocol and port."""
        found = self._services.get((protocol, port))
        if found is None:
            value = key(protocol, port)
            found = sum(1 << n for n, spans in enumerate(self.spans) if covers(spans, value))
            self._services[protocol, port] = found
        return found

    def valid(self, at: datetime) -> int:
        """The rules (as bits) that permit something at that time."""
        piece = bisect_right(self.cuts, at)
        found = self._valid.get(piece)
        if found is None:
            spans = [effective(rule) for rule in self.policy.rules]
            found = sum(1 << n for n, span in enumerate(spans) if span is not None and span.holds(at))
            self._valid[piece] = found
        return found

    def rules_in(self, mask: int) -> list[Rule]:
        """The rules of a set of bits, in the order of the files."""
        return [self.policy.rules[position] for position in bits(mask)]

    def pieces(self, mask: int) -> tuple[Piece, ...]:
        """The verdicts over time of a connection that exactly these rules cover."""
        found = self._timelines.get(mask)
        if found is None:
            found = self._timelines[mask] = timeline(self.rules_in(mask))
        return found

    def verdict(self, src: End, dst: End, protocol: int, port: int, at: datetime) -> Rank:
        """The verdict of one established flow."""
        found = self.pair(self.labels.of(*src, at), self.labels.of(*dst, at))
        if isinstance(found, Rank):
            return found
        mask = found & self.serving(protocol, port)
        return next(p.rank for p in self.pieces(mask) if p.end is None or at < p.end)


def bits(mask: int) -> Iterable[int]:
    """The positions of the bits that are set, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
