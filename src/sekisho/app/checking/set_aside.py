"""What could not be taken of the collections that a terminal's answers came in."""

from __future__ import annotations

from collections.abc import Iterable

from sekisho.app.decisions import Decisions
from sekisho.model.fleet import AsideItem
from sekisho.model.terminals import CheckAnswer

OF_ONE = ("velociraptor", "kape", "files", "evtx")
"""Kinds of files that are of one machine, as a rule: in others a part may have been anybody's."""
MOST = 20
"""Parts of one file that are told; all are counted."""


def set_aside(decisions: Decisions, answers: Iterable[CheckAnswer]) -> tuple[AsideItem, ...]:
    """Each file with parts that were refused, or could not be read, the oldest first."""
    own = {answer.intake for answer in answers}
    return tuple(
        AsideItem(
            file=intake.name,
            at=intake.at,
            parts=intake.aside_count,
            first=tuple(
                f"part {one.row}: {one.why}" if one.row else one.why for one in intake.aside[:MOST]
            ),
        )
        for intake in decisions.state.fleet().intakes()
        if intake.sha256 in own and intake.aside_count and intake.kind in OF_ONE
    )
