"""What selectors and whole rules mean, compared as sets of addresses over time."""

from __future__ import annotations

from collections.abc import Iterable

from sekisho.model.rules import Rule, Selector
from sekisho.model.validity import Validity
from sekisho.policy.judge import Judge
from sekisho.policy.ports import within
from sekisho.policy.timeline import effective


class RuleCover:
    """Compares rules by the classes that they mean, in every epoch of the inventory."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._classes: dict[int, frozenset[int]] = {}
        self._sides: dict[tuple[Selector, ...], frozenset[tuple[int, int]]] = {}
        self._position = {rule.id: n for n, rule in enumerate(judge.policy.rules)}

    def means_anything(self, selector: Selector, validity: Validity) -> bool:
        """Whether some address is meant at some time within the validity."""
        number = self._judge.labels.number_of.get(selector)
        return number is not None and any(
            number in self._judge.classes[one].selectors
            for epoch in self._epochs(validity)
            for one in self._of_epoch(epoch)
        )

    def covers(self, wider: Rule, rule: Rule) -> bool:
        """Whether `wider` permits all that `rule` permits, whenever it does."""
        mine, theirs = effective(rule), effective(wider)
        if mine is None or theirs is None or not mine.within(theirs):
            return False
        spans = self._judge.spans
        if not within(spans[self._position[rule.id]], spans[self._position[wider.id]]):
            return False
        return self._side(rule.sources) <= self._side(wider.sources) and self._side(
            rule.destinations
        ) <= self._side(wider.destinations)

    def _side(self, selectors: tuple[Selector, ...]) -> frozenset[tuple[int, int]]:
        """(epoch, class) of everything that the selectors mean."""
        found = self._sides.get(selectors)
        if found is None:
            numbers = {self._judge.labels.number_of.get(selector, -1) for selector in selectors}
            found = self._sides[selectors] = frozenset(
                (epoch, one)
                for epoch in range(len(self._judge.epochs) + 1)
                for one in self._of_epoch(epoch)
                if not numbers.isdisjoint(self._judge.classes[one].selectors)
            )
        return found

    def _of_epoch(self, epoch: int) -> frozenset[int]:
        """The classes that some address has in an epoch."""
        found = self._classes.get(epoch)
        if found is None:
            realms = self._judge.inventory.realms
            intervals = (self._judge.labels.intervals(epoch, realm) for realm in sorted(realms))
            found = frozenset(each.at(start) for each in intervals for start in each.starts)
            self._classes[epoch] = found
        return found

    def _epochs(self, validity: Validity) -> Iterable[int]:
        points = self._judge.epochs
        for epoch in range(len(points) + 1):
            begin = points[epoch - 1] if epoch else None
            end = points[epoch] if epoch < len(points) else None
            if validity.meet(Validity(begin, end)) is not None:
                yield epoch
