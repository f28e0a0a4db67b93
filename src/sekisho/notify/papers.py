"""What is written about an incident for others: titled, in sections, each statement with its evidence."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from sekisho.model.notices import NO_ADVICE

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
    """An item, in the words of whoever wants it, and what can be said of it."""

    heading: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """Something to be sent that was not sent yet. `evidence` is numbered from 1; `footer` stands on each page.

    `at` is the time of what is known, as people read it; `version` counts from 1, 0 where it is kept nowhere.
    `language` is that of its headings (BCP 47), where they are not English.
    """

    title: str
    head: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    evidence: tuple[str, ...]
    at: str = ""
    version: int = 0
    language: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of what it says. When that was known, and which version it is, are no part of it: what says
        the same has the same."""
        said = [
            self.title,
            self.head,
            [[one.heading, [line.marked for line in one.statements]] for one in self.sections],
            self.evidence,
        ]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()

    @property
    def footer(self) -> str:
        """What stands on each page."""
        return f"DRAFT. {NO_ADVICE}"

    @property
    def mark(self) -> str:
        """Which one it is; beside the footer on each page."""
        return f"Version {self.version or '-'}, SHA-256 {self.digest}"
