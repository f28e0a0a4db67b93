"""A notification as a draft: what the law wants to read, in its order, from the facts.

Every statement names the recordings it rests on; what nobody recorded is written as unknown, and what no fact
can say is left for people to write. Nothing is invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sekisho.model.notices import NO_ADVICE, Clock
from sekisho.notify.contents import facts_for
from sekisho.notify.deadlines import local
from sekisho.notify.facts import Recorded, Sheet
from sekisho.notify.obligation import Obligation, Stage
from sekisho.notify.vocabulary import EVERYWHERE, Value, kind_of, written

UNKNOWN = "Unknown"
BY_PEOPLE = "To be written: no recorded fact says this."


@dataclass(frozen=True, slots=True)
class Statement:
    """One line. `evidence` are numbers of the list at the end, none where it is unknown."""

    text: str
    evidence: tuple[int, ...] = ()

    @property
    def marked(self) -> str:
        """The line with its references: `How many people: 12 [3]`."""
        return self.text + "".join(f" [{number}]" for number in self.evidence)


@dataclass(frozen=True, slots=True)
class Section:
    """An item that the law wants, in its words, and what can be said of it."""

    heading: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A notification not sent yet. `evidence` is numbered from 1; `footer` stands on each page."""

    title: str
    head: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    evidence: tuple[str, ...]
    footer: str = f"DRAFT. {NO_ADVICE}"


def draft(
    incident: str, obligation: Obligation, stage: Stage, clock: Clock, sheet: Sheet, at: datetime
) -> Draft:
    """The draft of one stage, with what is known at `at` (aware UTC)."""
    writer = _Writer(sheet, obligation.place, obligation.calendar.zone)
    shape = stage.shape
    sections = tuple(
        Section(item, writer.statements(item)) for item in (shape.needs or ("What is to be told",))
    )
    head = (
        ("To", ", ".join(shape.to)),
        ("Under", " ".join(part for part in (obligation.shape.citation, shape.citation) if part)),
        ("Stage", f"{stage.name} ({shape.kind})"),
        ("Due", clock.local or f"no date: {clock.why}"),
        ("Incident", incident),
        ("As of", local(at, obligation.calendar.zone)),
        ("Languages taken", ", ".join(obligation.shape.languages) or UNKNOWN),
        (
            "Text of the law",
            "read" if stage.confidence == "confirmed" else "NOT read, only an account of it",
        ),
    )
    return Draft(
        title=f"{obligation.shape.title}: {stage.name}",
        head=head,
        sections=sections,
        evidence=tuple(writer.evidence),
    )


class _Writer:
    def __init__(self, sheet: Sheet, place: str, zone: str) -> None:
        self.latest, self.place, self.zone = sheet.latest(), place, zone
        self.sheet = sheet
        self.evidence: list[str] = []
        self.numbers: dict[int, int] = {}

    def statements(self, item: str) -> tuple[Statement, ...]:
        names = facts_for(item)
        if not names:
            return (Statement(BY_PEOPLE),)
        found = [self._statement(name) for name in names]
        if "people" in names:
            found += self._places()
        return tuple(found)

    def _statement(self, name: str) -> Statement:
        says = _says(name)
        one = None if name in EVERYWHERE else self.latest.get(f"{name}.{self.place}")
        one = one or self.latest.get(name)
        if one is None or one.value is None:
            return Statement(f"{says}: {UNKNOWN}")
        text = f"{says}: {self._value(one.value)}"
        others = {other.text for other in self.sheet.recorded if other.name == one.name} - {one.text}
        if others:
            text += f" (recorded before as {', '.join(sorted(others))})"
        return Statement(text, (self._number(one),))

    def _places(self) -> list[Statement]:
        return [
            Statement(
                f"of them in {name.partition('.')[2]}: {self._value(one.value)}", (self._number(one),)
            )
            for name, one in sorted(self.latest.items())
            if name.startswith("people.") and one.value is not None
        ]

    def _value(self, value: Value) -> str:
        if isinstance(value, datetime):
            return local(value, self.zone)
        if isinstance(value, int) and not isinstance(value, bool):
            return f"{value:,}"
        return written(value).replace(",", ", ")

    def _number(self, one: Recorded) -> int:
        if one.seq not in self.numbers:
            self.numbers[one.seq] = len(self.evidence) + 1
            self.evidence.append(
                f"{one.name}={one.text}; source: {one.source}; recorded by {one.by}"
                f" {local(one.recorded_at, 'UTC')}, ledger entry {one.seq}"
            )
        return self.numbers[one.seq]


def _says(name: str) -> str:
    known = kind_of(name)
    text = known.says.partition(":")[0] if known else name
    return text[:1].upper() + text[1:]
