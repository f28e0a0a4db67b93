"""What was learned from an incident, as people read it."""

from __future__ import annotations

from sekisho.model.learning import ActionDocument, LearningDocument, VerisDocument
from sekisho.reports.base import Column, Report, Sheet
from sekisho.reports.units import counted

_LESSONS = (
    Column("id", "Lesson"),
    Column("text", "What was learned"),
    Column("by", "By"),
    Column("at", "At", "time"),
)
_ACTIONS = (
    Column("id", "Action"),
    Column("state", "State"),
    Column("due", "Due"),
    Column("owner", "Owner"),
    Column("text", "What is done"),
    Column("evidence", "Evidence"),
)
_CODED = (
    Column("field", "Field"),
    Column("values", "Coded"),
    Column("by", "By"),
    Column("at", "At", "time"),
)
_PROPOSED = (
    Column("field", "Field"),
    Column("values", "Proposed"),
    Column("coded", "Coded"),
    Column("why", "Why"),
)


def learning_report(document: LearningDocument) -> Report:
    """Actions first, those that are overdue at the head."""
    order = ("overdue", "open", "closed")
    rows = tuple(
        (one.id, one.state, one.due.isoformat(), one.owner, _text(one), _evidence(one))
        for one in sorted(document.actions, key=lambda one: (order.index(one.state), one.due))
    )
    lessons = tuple((one.id, one.text, one.by, one.at) for one in document.lessons)
    states = [one.state for one in document.actions]
    said = ", ".join(f"{states.count(state)} {state}" for state in order if state in states)
    headline = (
        f"{document.incident}: {counted(len(lessons), 'lesson')},"
        f" {counted(len(rows), 'action')}{f' ({said})' if said else ''}."
    )
    sheets = (
        Sheet("action", "Actions", _ACTIONS, rows, "No action was agreed."),
        Sheet("lesson", "Lessons", _LESSONS, lessons, "No lesson was written down."),
        *veris_report(document.veris).sheets,
    )
    return Report(headline, sheets, (*document.notes, *_missing(document.veris)), document)


def veris_report(document: VerisDocument) -> Report:
    """What is coded, and what the incident suggests."""
    coded = tuple((one.field, ", ".join(one.values), one.by, one.at) for one in document.fields)
    sheets = [Sheet("coded", "Coded in VERIS", _CODED, coded, "Nothing was coded.")]
    if document.proposals:
        proposed = tuple(
            (p.field, ", ".join(p.values), ", ".join(p.coded) if p.coded else None, p.why)
            for p in document.proposals
        )
        sheets.append(Sheet("proposal", "Proposed by the incident", _PROPOSED, proposed))
    headline = f"{document.incident}: {counted(len(coded), 'field')} coded."
    return Report(headline, tuple(sheets), (*_missing(document), *document.notes), document)


def _missing(document: VerisDocument) -> tuple[str, ...]:
    if not document.missing:
        return ("the VERIS record is whole",)
    return (f"the VERIS record lacks {', '.join(document.missing)}",)


def _text(one: ActionDocument) -> str:
    return one.text + (f" ({one.lesson})" if one.lesson else "")


def _evidence(one: ActionDocument) -> str:
    return "; ".join(f"{e.kind} {e.ref}: {e.says}, closed by {e.by}" for e in one.evidence) or "none"
