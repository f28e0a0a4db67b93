"""Incidents, their inquiries and exports as answers made of tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sekisho.model.incident_state import (
    EvidenceFile,
    IncidentDocument,
    IncidentsDocument,
    InquiryDocument,
    SiteInquiry,
)
from sekisho.model.sizes import size
from sekisho.reports.base import Cell, Column, Report, Sheet
from sekisho.reports.units import counted, local_minute

_LISTED = (
    Column("id", "Id", "code"),
    Column("status", "Status"),
    Column("title", "What"),
    Column("assignee", "With"),
    Column("findings", "Findings", "count"),
    Column("tasks", "Open tasks", "count"),
    Column("opened", "Opened", "time"),
)
_SEEDS = (
    Column("kind", "Began with"),
    Column("value", "Value", "code"),
    Column("connections", "Connections", "count"),
)
_TASKS = (
    Column("id", "Task", "code"),
    Column("text", "What"),
    Column("assignee", "With"),
    Column("due", "Due", "time"),
    Column("done", "Done", "time"),
)
_NOTEBOOK = (
    Column("id", "Note", "code"),
    Column("at", "At", "time"),
    Column("by", "By"),
    Column("text", "What it says"),
    Column("versions", "Versions", "count"),
)
_ACTIONS = (
    Column("entry", "Entry", "count"),
    Column("at", "At", "time"),
    Column("by", "By"),
    Column("text", "What"),
)
_EVIDENCE = (
    Column("state", "State"),
    Column("sensor", "Sensor"),
    Column("path", "File"),
    Column("size", "Size", "bytes"),
    Column("why", "Why"),
)
_EVIDENCE_WHOLE = (
    *_EVIDENCE,
    Column("sha256", "SHA-256 of the copy", "code"),
    Column("content_sha256", "SHA-256 of what was read", "code"),
)
_SITES = (
    Column("site", "Site", "code"),
    Column("state", "State"),
    Column("contact", "Contact"),
    Column("due", "Due (UTC)", "time"),
    Column("due_local", "Due there", "time"),
    Column("answer", "Last answer"),
)
_STATES = (Column("state", "State"), Column("sites", "Sites", "count"))
SHOWN_FILES = 20
"""Files that a screen names, those that were not preserved first."""


def incidents_report(document: IncidentsDocument) -> Report:
    """The list."""
    rows: list[list[Cell]] = [
        [
            one.id,
            one.status,
            one.title,
            one.assignee,
            len(one.findings),
            sum(task.done is None for task in one.tasks),
            one.opened,
        ]
        for one in document.incidents
    ]
    headline = f"{counted(len(rows), 'incident')}." if rows else "No incidents."
    return Report(headline, (Sheet("incident", "", _LISTED, rows, ""),), document.notes, document)


def incident_report(document: IncidentDocument, *, whole: bool = False) -> Report:
    """One incident: what it began with, what was done, what is kept. `whole`: every file and hash."""
    return Report(
        incident_headline(document),
        incident_sheets(document, whole=whole),
        incident_notes(document),
        document,
    )


def incident_headline(document: IncidentDocument) -> str:
    """What it is and how it stands."""
    holder = f", with {document.assignee}" if document.assignee else ""
    return f"{document.id} ({document.status}{holder}): {document.title}."


def incident_sheets(document: IncidentDocument, *, whole: bool = False) -> tuple[Sheet, ...]:
    """Its tables; tasks and evidence only where there are any."""
    seeds = [(one.kind, one.value, one.connections) for one in document.seeds]
    sheets = [Sheet("seed", "", _SEEDS, seeds)]
    if document.tasks:
        tasks = [(t.id, t.text, t.assignee, t.due, t.done) for t in document.tasks]
        sheets.append(Sheet("task", "Tasks", _TASKS, tasks))
    if document.notebook:
        written = [(n.id, n.at, n.by, n.text, len(n.versions)) for n in document.notebook]
        sheets.append(Sheet("note", "Notes", _NOTEBOOK, written))
    actions = [(a.entry, a.at, a.by, a.text) for a in document.actions]
    sheets.append(Sheet("action", "What was done", _ACTIONS, actions))
    files = sorted(document.evidence, key=lambda one: one.state == "preserved")
    if whole:
        rows: list[tuple[Cell, ...]] = [
            (f.state, f.sensor, f.path, f.size, f.why, f.sha256, f.content_sha256) for f in files
        ]
        sheets.append(Sheet("file", "Original bytes", _EVIDENCE_WHOLE, rows, "None preserved."))
    elif files:
        sheets.append(_brief(files, SHOWN_FILES))
    return tuple(sheets)


def every_file(document: IncidentDocument) -> Sheet:
    """All the files behind the evidence as a screen names them, those that were not preserved first."""
    return _brief(sorted(document.evidence, key=lambda one: one.state == "preserved"), None)


def _brief(files: Sequence[EvidenceFile], limit: int | None) -> Sheet:
    shown = files[:limit]
    # Rotated logs of one sensor often bear the same name in folders of their own.
    rows = [(f.state, f.sensor, "/".join(f.path.split("/")[-2:]), f.size, f.why) for f in shown]
    more = f", {len(shown)} of {len(files)}" if len(shown) < len(files) else ""
    return Sheet("file", f"Original bytes{more}", _EVIDENCE, rows, "None preserved.")


def incident_notes(document: IncidentDocument) -> tuple[str, ...]:
    """What is preserved and held, which findings it took in, how far the inquiry is."""
    states = Counter(one.state for one in document.evidence)
    kept = sum(one.size or 0 for one in document.evidence)
    notes = list(document.notes)
    if document.evidence:
        lost = sum(states.values()) - states["preserved"]
        said = f"{counted(states['preserved'], 'file')} preserved ({size(kept)})"
        notes.append(f"{said}, {lost} not: their bytes are gone" if lost else said)
        if len(document.evidence) > SHOWN_FILES:
            notes.append(f"every file: `sekisho investigate preserve {document.id}`")
    else:
        notes.append("no original bytes are preserved: `sekisho investigate preserve` tries again")
    held = "are kept from pruning" if document.held else "may be pruned"
    notes.append(
        f"raw flows of {counted(document.days, 'day')} around the"
        f" {counted(document.connections, 'connection')} it began with {held}"
    )
    if document.findings:
        notes.append(f"findings: {', '.join(document.findings[:10])}" + _more(document.findings, 10))
    if document.inquiry:
        said = ", ".join(f"{n} {state.replace('_', ' ')}" for state, n in document.inquiry.items() if n)
        notes.append(f"sites: {said}")
    return tuple(notes)


def _more(items: tuple[str, ...], shown: int) -> str:
    return f" and {len(items) - shown} more" if len(items) > shown else ""


def inquiry_report(document: InquiryDocument) -> Report:
    """Every site and its state, and how many are in each; the states sum to the sites."""
    counts = ", ".join(
        f"{number} {state.replace('_', ' ')}" for state, number in document.states.items() if number
    )
    headline = f"{document.incident}, {counted(document.total, 'site')}: {counts or 'none'}."
    rows = [_site(site) for site in document.sites]
    states = [(state.replace("_", " "), number) for state, number in document.states.items()]
    notes = list(document.notes)
    notes.append(f"question: {document.question}" if document.question else "no inquiry was begun")
    left = [site.site for site in document.sites if not site.registered]
    if left:
        notes.append(f"not in sites.yaml any more: {', '.join(left)}")
    return Report(
        headline,
        (
            Sheet("site", "", _SITES, rows, "There are no sites in the register."),
            Sheet("state", "", _STATES, states),
        ),
        tuple(notes),
        document,
    )


def _site(site: SiteInquiry) -> tuple[Cell, ...]:
    last = site.answers[-1] if site.answers else None
    said = ""
    if last:
        said = last.text or (last.file.name if last.file else "")
    due = f"{site.due:%Y-%m-%d %H:%M}" if site.due else None
    local = local_minute(site.due_local)
    return site.site, site.state.replace("_", " "), site.contact, due, local, said or None
