"""What changed between two audits: new, gone and changed findings."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from sekisho.audit.record import AuditRecord
from sekisho.model.findings import AuditDocument, Document, Finding, Span

Judged = AuditDocument | AuditRecord
_IDENTITY = frozenset({"id", "checks", "cause", "incidents"})
"""Fields that name or explain a finding, or say who works on it; a change in them is no change of what was
found."""


class FieldChange(Document):
    """One field of a finding, as JSON shows it, before and after."""

    field: str
    before: Any
    after: Any


class Changed(Document):
    """A finding of both audits with different contents; `finding` is the later one."""

    id: str
    fields: tuple[FieldChange, ...]
    finding: Finding


class AuditDiff(Document):
    """`sekisho audit diff A B`."""

    schema_: Literal["sekisho.audit-diff/1"] = Field(default="sekisho.audit-diff/1", alias="schema")
    before: Span
    after: Span
    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    changed: tuple[Changed, ...]
    notes: tuple[str, ...] = ()


def compare(before: Judged, after: Judged) -> AuditDiff:
    """The difference between two audits or records, findings in the order of their document."""
    old = {f.id: f for f in before.findings}
    new = {f.id: f for f in after.findings}
    changed = []
    for finding in after.findings:
        if finding.id in old and (fields := _fields(old[finding.id], finding)):
            changed.append(Changed(id=finding.id, fields=fields, finding=finding))
    return AuditDiff(
        before=_period(before),
        after=_period(after),
        new=tuple(f for f in after.findings if f.id not in old),
        gone=tuple(f for f in before.findings if f.id not in new),
        changed=tuple(changed),
        notes=tuple(_notes(before, after)),
    )


def _fields(old: Finding, new: Finding) -> tuple[FieldChange, ...]:
    was, is_ = old.model_dump(mode="json"), new.model_dump(mode="json")
    return tuple(
        FieldChange(field=name, before=was.get(name), after=value)
        for name, value in is_.items()
        if name not in _IDENTITY and was.get(name) != value
    )


def _period(audit: Judged) -> Span:
    return audit.period if isinstance(audit, AuditRecord) else audit.window


def _notes(before: Judged, after: Judged) -> list[str]:
    notes = []
    if _period(before) != _period(after):
        notes.append("the audits are of different periods: a finding may be gone for that alone")
    if before.policy.sha256 != after.policy.sha256:
        notes.append("the policy changed between the audits")
    if before.inventory != after.inventory:
        notes.append("the inventory changed between the audits")
    return notes
