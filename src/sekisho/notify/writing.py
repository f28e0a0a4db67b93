"""Statements from facts and from an incident, and the numbered list of what they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sekisho.model.hops import Evidence
from sekisho.notify.conflicts import conflicts
from sekisho.notify.deadlines import local
from sekisho.notify.facts import Recorded, Sheet
from sekisho.notify.papers import UNKNOWN, Statement
from sekisho.notify.vocabulary import EVERYWHERE, Value, kind_of, written

MOST_CITED = 5
"""Records that are named for one statement; how many more there are is said."""


class Writer:
    """Writes statements and numbers their evidence in the order in which it is first needed.

    `place` is whose facts stand before those of the whole incident, `zone` (IANA) that of the times.
    """

    def __init__(self, sheet: Sheet, place: str, zone: str) -> None:
        self.latest, self.place, self.zone = sheet.latest(), place, zone
        self.sheet = sheet
        self.evidence: list[str] = []
        self._numbers: dict[str, int] = {}

    def facts(self, names: Iterable[str]) -> list[Statement]:
        """What is recorded of each; people of single places follow how many there are."""
        found = []
        for name in names:
            of_places = [] if self.place else self._of_places(name)
            if not of_places or self._recorded_of(name) is not None:
                found.append(self.fact(name))
            found += of_places
            if name == "people":
                found += self.places()
        return found

    def fact(self, name: str) -> Statement:
        """One fact, unknown where nobody recorded it."""
        one = self._recorded_of(name)
        return self._said(_says(name), one) if one else Statement(f"{_says(name)}: {UNKNOWN}")

    def _recorded_of(self, name: str) -> Recorded | None:
        """What counts for the place that is told, else for the whole incident."""
        own = None if name in EVERYWHERE else self.latest.get(f"{name}.{self.place}")
        one = own or self.latest.get(name)
        return one if one is not None and one.value is not None else None

    def _of_places(self, name: str) -> list[Statement]:
        """What is known of single places alone, where the whole is told."""
        if name in EVERYWHERE:
            return []
        return [
            self._said(f"{_says(name)} ({key.partition('.')[2]})", one)
            for key, one in sorted(self.latest.items())
            if key.startswith(f"{name}.") and one.value is not None
        ]

    def _said(self, says: str, one: Recorded) -> Statement:
        text = f"{says}: {self.value(one.value)}" if one.value is not None else says
        others = [
            self.value(other.value) if other.value is not None else UNKNOWN
            for other in self.sheet.recorded
            if other.name == one.name and one.contradicts(other)
        ]
        if others:
            text += f" (recorded before as {', '.join(sorted(set(others)))})"
        return Statement(text, (self._recorded(one),))

    def places(self) -> list[Statement]:
        """People by country or state."""
        return [
            self._said(f"of them in {name.partition('.')[2]}", one)
            for name, one in sorted(self.latest.items())
            if name.startswith("people.") and one.value is not None
        ]

    def value(self, value: Value) -> str:
        """A value as people read it."""
        if isinstance(value, datetime):
            return local(value, self.zone)
        if isinstance(value, int) and not isinstance(value, bool):
            return f"{value:,}"
        return written(value).replace(",", ", ")

    def cited(self, text: str, evidence: Sequence[Evidence], else_: str) -> Statement:
        """A statement that rests on records; on `else_` where none are named."""
        told = list(dict.fromkeys(map(_record, evidence)))
        more = len(told) - MOST_CITED
        numbers = [self.number(one) for one in told[:MOST_CITED]]
        if more > 0:
            numbers.append(self.number(f"{more} more records: {else_}"))
        return Statement(text, tuple(numbers) or (self.number(else_),))

    def number(self, text: str) -> int:
        """The number of a piece of evidence, the same for the same text."""
        if text not in self._numbers:
            self._numbers[text] = len(self.evidence) + 1
            self.evidence.append(text)
        return self._numbers[text]

    def _recorded(self, one: Recorded) -> int:
        return self.number(
            f"{one.name}={one.in_words}; source: {one.source}; recorded by {one.by}"
            f" {local(one.recorded_at, 'UTC')}, ledger entry {one.seq}"
        )


def unlike(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """A line of a document's head where facts cannot all be true: whoever reads it would find that."""
    if found := tuple(conflicts(sheet.values())):
        yield "To be resolved first", "; ".join(found)


def _record(one: Evidence) -> str:
    if one.text and one.path is None:
        return one.text
    parts = [
        one.path or "roll-up",
        f"row {one.row}" if one.row is not None else "",
        f"sensor {one.sensor}" if one.sensor else "",
        local(one.at, "UTC") if one.at else f"day {one.day:%Y-%m-%d}" if one.day else "",
        f"SHA-256 {one.sha256}" if one.sha256 else "",
    ]
    return ", ".join(part for part in parts if part)


def _says(name: str) -> str:
    known = kind_of(name)
    text = known.says.partition(":")[0] if known else name
    return text[:1].upper() + text[1:]
