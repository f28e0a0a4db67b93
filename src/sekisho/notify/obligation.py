"""An obligation, read: its conditions compiled, its periods and calendar ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.model.notices import (
    Confidence,
    ObligationDocument,
    SourceDocument,
    StageDocument,
)
from sekisho.notify.deadlines import Calendar, Period
from sekisho.notify.language import Expression
from sekisho.notify.shapes import ObligationFile, StageShape

STAGE = "stage:"


@dataclass(frozen=True, slots=True)
class Stage:
    """One thing that must be sent. `period` is None where the law names no number; `periods` are others,
    the first whose condition holds."""

    name: str
    shape: StageShape
    when: Expression
    period: Period | None
    periods: tuple[tuple[Expression, Period | None], ...]
    confidence: Confidence

    @property
    def after(self) -> str | None:
        """The stage whose delivery it counts from, None where it counts from a fact."""
        anchor = self.shape.anchor
        return anchor.removeprefix(STAGE) if anchor.startswith(STAGE) else None


@dataclass(frozen=True, slots=True)
class Obligation:
    """A duty to notify. `id` is the name of its file without the ending."""

    id: str
    file: str
    own: bool
    shape: ObligationFile
    applies: Expression
    trigger: Expression
    exceptions: tuple[tuple[Expression, str], ...]
    calendar: Calendar
    stages: Mapping[str, Stage]

    @property
    def place(self) -> str:
        """Whose facts count before those of the whole incident."""
        return self.shape.jurisdiction

    def document(self) -> ObligationDocument:
        """As it is told."""
        shape = self.shape
        return ObligationDocument(
            id=self.id,
            title=shape.title,
            jurisdiction=shape.jurisdiction,
            citation=shape.citation,
            as_of=shape.as_of,
            version=shape.version,
            confidence=shape.confidence,
            enabled=shape.enabled,
            why_disabled=shape.why_disabled or None,
            own=self.own,
            file=self.file,
            who=shape.who,
            applies=shape.applies,
            trigger=shape.trigger,
            zone=shape.zone,
            languages=shape.languages,
            notes=shape.notes,
            sources=tuple(SourceDocument(url=s.url, text=s.text, says=s.says) for s in shape.sources),
            stages=tuple(
                StageDocument(
                    stage=stage.name,
                    kind=stage.shape.kind,
                    to=stage.shape.to,
                    anchor=stage.shape.anchor,
                    due=stage.shape.due
                    + "".join(f"; {one.due} if {one.when}" for one in stage.shape.due_if),
                    confidence=stage.confidence,
                    when=None if stage.shape.when == "yes" else stage.shape.when,
                    citation=stage.shape.citation or None,
                    customary=stage.shape.customary or None,
                    needs=stage.shape.needs,
                )
                for stage in self.stages.values()
            ),
        )
