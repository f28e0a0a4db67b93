"""The tables of a dossier."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from sekisho.model.hops import Evidence
from sekisho.model.incident_state import IncidentDocument, InquiryDocument, SiteInquiry
from sekisho.model.incidents import NO_SENSOR, Exfiltration, InvestigationDocument, LeavingState
from sekisho.reports.base import Cell, Column, Sheet
from sekisho.reports.naming import Names, holdings
from sekisho.reports.steps import Step, service_of
from sekisho.reports.units import Times, lasting, local_minute, size_range

_SCOPE = (
    Column("host", "Asset"),
    Column("site", "Site"),
    Column("role", "Role"),
    Column("since", "Since"),
    Column("why", "Why, and what it keeps"),
)
_ACCOUNTS = (
    Column("account", "Account"),
    Column("since", "From", "time"),
    Column("until", "Until", "time"),
    Column("hops", "Went over"),
    Column("switched", "Changed for it"),
)
_REMOVED = (
    Column("at", "At"),
    Column("host", "At host"),
    Column("hop", "Of the step"),
    Column("technique", "Technique"),
    Column("why", "Why"),
)
_LEFT = (
    Column("src", "From"),
    Column("dst", "To"),
    Column("bytes", "Bytes"),
    Column("when", "When"),
    Column("how", "How"),
    Column("why", "Why"),
)
_ASKED = (
    Column("host", "Asset"),
    Column("state", "Did anything leave?"),
    Column("watched", "Watched since then"),
    Column("why", "As far as can be known"),
)
_HIDDEN = (
    Column("sensor", "Sensor"),
    Column("begin", "From", "time"),
    Column("end", "Until", "time"),
    Column("long", "For"),
    Column("why", "Why it matters"),
)
_TIMELINE = (
    Column("at", "At", "time"),
    Column("local", "There"),
    Column("text", "What"),
    Column("source", "Source"),
)
_PATHS = (
    Column("number", "Path"),
    Column("score", "Score"),
    Column("steps", "Steps"),
    Column("why", "Why"),
)
_TASKS = (
    Column("id", "Task"),
    Column("text", "What"),
    Column("assignee", "With"),
    Column("due", "Due", "time"),
    Column("state", "State"),
)
_NOTES = (
    Column("id", "Note"),
    Column("text", "What it says"),
    Column("by", "By"),
    Column("at", "At", "time"),
    Column("before", "What it said before"),
)
_SITES = (
    Column("site", "Site"),
    Column("state", "State"),
    Column("contact", "Contact"),
    Column("due", "Due there"),
    Column("answer", "Last answer"),
)
_FILES = (
    Column("state", "State"),
    Column("path", "File"),
    Column("sensor", "Sensor"),
    Column("size", "Size", "bytes"),
    Column("sha256", "SHA-256 of the copy, else of what was read"),
)
MOST_FILES = 200
MOST_EVENTS = 3_000
MOST_WAYS = 12
LEAVING: Mapping[LeavingState, str] = {
    "left": "■ yes",
    "no_evidence": "✓ no evidence of it",
    "no_coverage": "▨ nobody could have seen it",
}
ROLES = {"confirmed": "● confirmed", "suspected": "○ suspected"}


def evidence_tables(
    document: InvestigationDocument, steps: Sequence[Step], names: Names
) -> Mapping[str, Sheet]:
    """What evidence says, by the section that a table stands in."""
    return {
        "paths": _paths(document, steps),
        "accounts": _accounts(document, names),
        "removed": _removed(document, names),
        "scope": _scope(document, names),
        "left": _left(document, names),
        "asked": _asked(document, names),
        "unseen": _unseen(document),
        "timeline": _timeline(document),
    }


def _paths(document: InvestigationDocument, steps: Sequence[Step]) -> Sheet:
    rows = [
        (
            str(number),
            f"{path.score:.2f}",
            " → ".join(str(step.number) for step in steps if number in step.paths),
            "; ".join(path.why),
        )
        for number, path in enumerate(document.paths, 1)
    ]
    return Sheet("path", "Paths", _PATHS, rows, "No path was found in what was recorded.")


def _scope(document: InvestigationDocument, names: Names) -> Sheet:
    rows = [
        (
            names.host(one.address, one.realm),
            one.site,
            ROLES[one.role],
            names.when(one.since, one.site)
            + (" or before" if one.since_kind == "on_or_before" else ""),
            "; ".join(part for part in (one.why, holdings(one.holds)) if part),
        )
        for one in document.scope.assets
    ]
    return Sheet("asset", "", _SCOPE, rows, "No asset is known to have been reached.")


def _accounts(document: InvestigationDocument, names: Names) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for one in document.accounts:
        ways = [f"{names.short(hop.src)} → {names.short(hop.dst)}" for hop in one.hops]
        went = list(dict.fromkeys(ways))
        more = [f"{len(went) - MOST_WAYS} more"] if len(went) > MOST_WAYS else []
        switched = [f"{s.came} at {names.short(s.host)}" for s in one.switched]
        told = ", ".join((*went[:MOST_WAYS], *more))
        rows.append((one.account, one.since, one.until, told, "; ".join(switched)))
    empty = "No account is on record. The notes say for how much of it logons could be asked."
    return Sheet("account", "", _ACCOUNTS, rows, empty)


def _removed(document: InvestigationDocument, names: Names) -> Sheet:
    rows = [
        (
            names.when(one.at, one.site),
            names.host(one.address, one.realm, one.site),
            f"{names.short(one.src)} by {service_of(one)}",
            " ".join(part for part in (one.technique, one.technique_name) if part),
            one.why,
        )
        for one in document.traces_removed
    ]
    return Sheet("traces_removed", "Traces removed", _REMOVED, rows)


def _left(document: InvestigationDocument, names: Names) -> Sheet:
    rows = [
        (
            names.host(one.src, one.src_realm),
            names.party(one) + (", outside" if one.external else ", inside"),
            size_range(one.bytes) + (f" ({one.bytes.why})" if one.bytes.why else ""),
            f"{names.when(one.begin)} until {names.when(one.end)}",
            _how(one),
            "; ".join((*_kept(one, names), *(factor.text for factor in one.why))),
        )
        for one in document.exfiltration
    ]
    empty = (
        "Nothing is known to have left. That is an answer about what was recorded and looked into only."
    )
    return Sheet("exfiltration", "", _LEFT, rows, empty)


def _how(one: Exfiltration) -> str:
    technique = " ".join(part for part in (one.technique, one.technique_name) if part)
    return ", ".join(
        part for part in (", ".join(one.services), technique, f"{one.likelihood:.0%}") if part
    )


def _kept(one: Exfiltration, names: Names) -> Iterator[str]:
    if told := holdings(one.holds):
        yield f"it keeps {told}"
    for part in one.collected:
        what = f", which keeps {told}" if (told := holdings(part.holds)) else ""
        yield f"{size_range(part.bytes)} came from {names.short(part.address, part.realm)}{what} before"


def _asked(document: InvestigationDocument, names: Names) -> Sheet:
    rows = [
        (
            names.host(one.address, one.realm, one.site),
            LEAVING[one.state],
            f"{lasting(timedelta(hours=one.watched))}, not for {lasting(timedelta(hours=one.unwatched))}"
            if one.unwatched
            else lasting(timedelta(hours=one.watched)),
            one.why,
        )
        for one in document.leaving
    ]
    return Sheet("leaving", "Asked of each asset", _ASKED, rows)


def _unseen(document: InvestigationDocument) -> Sheet:
    rows = [
        (
            "no sensor" if one.sensor == NO_SENSOR else one.sensor,
            one.begin,
            one.end,
            lasting(one.end - one.begin),
            one.why,
        )
        for one in document.unobservable
    ]
    empty = "No sensor of the sites in scope is known to have been blind."
    if not document.scope.assets:
        empty = "Nothing is in scope, so no sensor was looked at; the notes say what was not recorded."
    return Sheet("unobservable", "", _HIDDEN, rows, empty)


def _timeline(document: InvestigationDocument) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for item in document.timeline[:MOST_EVENTS]:
        local = local_minute(item.local)
        there = f"{local} {item.site}" if local and item.site else local
        proof = evidence_text(item.evidence[0]) if item.evidence else ""
        source = ": ".join(part for part in (item.source, proof) if part)
        rows.append((item.at, there, item.text, source))
    return Sheet("event", "", _TIMELINE, rows, "Nothing is known to have happened.")


def evidence_text(one: Evidence) -> str:
    """Where a claim can be looked up: `logs/th/conn.log, row 412 (th-edge)`."""
    if one.path is None:
        return one.text or (f"roll-up of {one.day:%Y-%m-%d}" if one.day else "")
    row = f", row {one.row}" if one.row is not None else ""
    return f"{one.path}{row}" + (f" ({one.sensor})" if one.sensor else "")


def tasks(incident: IncidentDocument, times: Times) -> Sheet:
    """What is to be done, and what was."""
    rows: list[tuple[Cell, ...]] = []
    for one in incident.tasks:
        state = "overdue" if one.overdue else "open"
        if one.done:
            state = f"done {times.minute(one.done)}" + (f": {one.outcome}" if one.outcome else "")
        rows.append((one.id, one.text, one.assignee, one.due, state))
    return Sheet("task", "Tasks", _TASKS, rows, "There are none.")


def notebook(incident: IncidentDocument, times: Times) -> Sheet:
    """What people wrote down, with everything that a note said before it was changed."""
    rows: list[tuple[Cell, ...]] = []
    for one in incident.notebook:
        now = one.versions[-1]
        before = [f"“{v.text}” ({v.by}, {times.minute(v.at)})" for v in reversed(one.versions[:-1])]
        rows.append((one.id, one.text, now.by, now.at, "; ".join(before)))
    return Sheet("note", "Notes", _NOTES, rows, "There are none.")


def inquiry(document: InquiryDocument | None) -> Sheet:
    """Every site that was or is to be asked, in exactly one state."""
    if document is None:
        return Sheet("site", "Inquiry", _SITES, (), "No site was asked yet.")
    states = (f"{n} {state.replace('_', ' ')}" for state, n in document.states.items() if n)
    asked = f"Inquiry: {document.total} sites, {', '.join(states)}"
    return Sheet("site", asked, _SITES, [_site(one) for one in document.sites])


def _site(one: SiteInquiry) -> tuple[Cell, ...]:
    last = one.answers[-1] if one.answers else None
    said = (last.text or (last.file.name if last.file else "")) if last else None
    return one.site, one.state.replace("_", " "), one.contact, local_minute(one.due_local), said


def files(incident: IncidentDocument | None) -> Sheet:
    """The files behind the evidence, those that could not be preserved first."""
    kept = sorted(incident.evidence if incident else (), key=lambda one: one.state == "preserved")
    rows = [
        (
            one.state + (f": {one.why}" if one.why else ""),
            one.path,
            one.sensor,
            one.size,
            one.sha256 or one.content_sha256,
        )
        for one in kept[:MOST_FILES]
    ]
    more = f" (the first {MOST_FILES} of {len(kept)})" if len(kept) > MOST_FILES else ""
    return Sheet("file", f"Original bytes{more}", _FILES, rows, "None were preserved.")
