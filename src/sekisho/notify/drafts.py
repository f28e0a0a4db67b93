"""A notification as a draft: what the law wants to read, in its order, from the facts.

Every statement names the recordings it rests on; what nobody recorded is written as unknown, and what no fact
can say is left for people to write. Nothing is invented.
"""

from __future__ import annotations

import re
from datetime import datetime

from sekisho.model.notices import Clock
from sekisho.notify.contents import facts_for
from sekisho.notify.deadlines import local
from sekisho.notify.facts import Sheet
from sekisho.notify.obligation import Obligation, Stage
from sekisho.notify.papers import BY_PEOPLE, UNKNOWN, Draft, Section, Statement
from sekisho.notify.writing import Writer, unlike

_LANGUAGE = re.compile(r"[a-z]{2,3}")


def draft(
    incident: str, obligation: Obligation, stage: Stage, clock: Clock, sheet: Sheet, at: datetime
) -> Draft:
    """The draft of one stage, with what is known at `at` (aware UTC)."""
    writer = Writer(sheet, obligation.place, obligation.calendar.zone)
    shape = stage.shape
    sections = tuple(
        Section(item, _statements(writer, item)) for item in (shape.needs or ("What is to be told",))
    )
    languages = obligation.shape.languages
    head = (
        ("To", ", ".join(shape.to)),
        ("Under", " ".join(part for part in (obligation.shape.citation, shape.citation) if part)),
        ("Stage", f"{stage.name} ({shape.kind})"),
        ("Due", clock.local or f"no date: {clock.why}"),
        ("Incident", incident),
        ("Languages taken", ", ".join(languages) or UNKNOWN),
        (
            "Text of the law",
            "read" if stage.confidence == "confirmed" else "NOT read, only an account of it",
        ),
        *unlike(sheet),
    )
    return Draft(
        title=f"{obligation.shape.title}: {stage.name}",
        head=head,
        sections=sections,
        evidence=tuple(writer.evidence),
        at=local(at, obligation.calendar.zone),
        language=next((word for word in languages if _LANGUAGE.fullmatch(word)), ""),
    )


def _statements(writer: Writer, item: str) -> tuple[Statement, ...]:
    names = facts_for(item)
    return tuple(writer.facts(names)) if names else (Statement(BY_PEOPLE),)
