"""Facts as they were recorded: the latest of a name counts, and what it contradicts is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sekisho.model.notices import FactEntry
from sekisho.notify.conflicts import conflicts
from sekisho.notify.vocabulary import Value, in_words, written

UNKNOWN = "unknown"
"""Recorded as a value, it takes back what was recorded before."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recording. `value` is None where the fact is not known any more; `at` is since when it is known,
    `recorded_at` when it was written down; `seq` grows with each."""

    name: str
    value: Value | None
    at: datetime
    source: str
    by: str
    recorded_at: datetime
    seq: int

    @property
    def text(self) -> str:
        """The value as a person writes it."""
        return UNKNOWN if self.value is None else written(self.value)

    @property
    def in_words(self) -> str:
        """The value in a sentence."""
        return UNKNOWN if self.value is None else in_words(self.value)

    def contradicts(self, before: Recorded) -> bool:
        """Whether it says other than one before it; a set of words that only grew does not."""
        if isinstance(self.value, frozenset) and isinstance(before.value, frozenset):
            return not before.value <= self.value
        return self.text != before.text


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that was recorded, in order."""

    recorded: tuple[Recorded, ...] = ()

    @classmethod
    def of(cls, recorded: Iterable[Recorded]) -> Sheet:
        """The sheet of these recordings, in whatever order they come."""
        return cls(tuple(sorted(recorded, key=lambda one: one.seq)))

    def latest(self) -> dict[str, Recorded]:
        """What counts, by name."""
        return {one.name: one for one in self.recorded}

    def values(self) -> Mapping[str, Value]:
        """What is known, by name."""
        return {name: one.value for name, one in self.latest().items() if one.value is not None}

    def entries(self) -> tuple[FactEntry, ...]:
        """Every recording, and whether it counts and contradicts one before it."""
        latest = self.latest()
        before: dict[str, Recorded] = {}
        found = []
        for one in self.recorded:
            found.append(
                FactEntry(
                    name=one.name,
                    value=one.text,
                    at=one.at,
                    source=one.source,
                    by=one.by,
                    recorded_at=one.recorded_at,
                    seq=one.seq,
                    counts=latest[one.name] is one,
                    contradicts=one.contradicts(before.get(one.name, one)),
                )
            )
            before[one.name] = one
        return tuple(found)

    def contradictions(self) -> tuple[str, ...]:
        """A sentence for each name that was recorded with different values, and for facts that cannot all be
        true."""
        latest = self.latest()
        found = []
        for name, last in sorted(latest.items()):
            others = [one for one in self.recorded if one.name == name and last.contradicts(one)]
            if others:
                said = ", ".join(f"{one.in_words} ({one.by})" for one in others[-5:])
                found.append(f"{name}: {said} before, {last.in_words} ({last.by}) counts as the latest")
        return (*found, *conflicts(self.values()))
