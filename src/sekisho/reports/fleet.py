"""Where the fleet stands, as people read it."""

from __future__ import annotations

from collections.abc import Sequence

from sekisho.fleet.identity import uuid_key
from sekisho.fleet.progress import CHECKED
from sekisho.model.fleet import (
    FleetDocument,
    FleetReportDocument,
    ImportDocument,
    Progress,
    SiteStanding,
    TerminalDocument,
    TerminalItem,
)
from sekisho.reports.base import Cell, Column, Report, Sheet
from sekisho.reports.campaigns import going, stages
from sekisho.reports.fleet_service import REFUSED, refusal_rows
from sekisho.reports.units import count, counted

_STATES = (Column("state", "State", "state"), Column("terminals", "Terminals", "count"))
_FIRST = 20
"""Names that are told in a note."""
_SITES = (
    Column("site", "Site"),
    Column("country", "Country"),
    Column("terminals", "Terminals", "count"),
    Column("checked", "Checked", "count"),
    Column("findings", "With findings", "count"),
    Column("left", "Left", "count"),
    Column("excluded", "Excluded", "count"),
)
_LISTED = (
    Column("terminal", "Terminal", "code"),
    Column("hostname", "Hostname"),
    Column("site", "Site"),
    Column("state", "State", "state"),
    Column("since", "Since", "time"),
    Column("until", "Until", "time"),
    Column("by", "By"),
    Column("why", "Why"),
)
_EVERY = (
    *_LISTED[:3],
    Column("country", "Country"),
    Column("address", "Address", "code"),
    Column("os", "OS"),
    *_LISTED[3:],
    Column("findings", "Findings"),
    Column("open", "Not answered"),
)
_FOUND = (
    Column("hostname", "Hostname"),
    Column("site", "Site"),
    Column("check", "Check"),
    Column("at", "At", "time"),
    Column("finding", "Finding"),
)
_TREND = (Column("day", "Day"), Column("checked", "Checked by its end", "count"))
_FILES = (
    Column("file", "File", "code"),
    Column("kind", "Kind"),
    Column("read", "Read", "count"),
    Column("aside", "Set aside", "count"),
)
_ANSWERS = (
    Column("check", "Check"),
    Column("outcome", "Answer"),
    Column("at", "At", "time"),
    Column("counts", "Counts"),
    Column("file", "From", "code"),
    Column("says", "Says"),
)
_DECISIONS = (
    Column("action", "Decision"),
    Column("at", "At", "time"),
    Column("by", "By"),
    Column("until", "Until", "time"),
    Column("why", "Why"),
    Column("evidence", "Evidence, SHA-256", "code"),
)
_NODES = (
    Column("node", "Node", "code"),
    Column("identifier", "Calls itself"),
    Column("version", "osquery"),
    Column("platform", "Platform"),
    Column("address", "Address", "code"),
    Column("enrolled", "Enrolled", "time"),
    Column("enrolments", "Times", "count"),
    Column("seen", "Last heard", "time"),
    Column("secret", "With", "code"),
)
_ATTEMPTS = (
    Column("campaign", "Campaign"),
    Column("question", "Asked"),
    Column("handed", "Times", "count"),
    Column("at", "Last", "time"),
    Column("fate", "What came"),
    Column("reason", "Says"),
)
_ASIDE = (
    Column("file", "In"),
    Column("at", "Imported", "time"),
    Column("parts", "Parts", "count"),
    Column("why", "Why"),
)
_JOINED = (
    Column("hostname", "Named"),
    Column("file", "In", "code"),
    Column("row", "Row", "count"),
    Column("why", "Why it is this one"),
)


def fleet_report(document: FleetDocument) -> Report:
    """States, sites, and the terminals that were asked for."""
    states = tuple((state, number) for state, number in document.states.items())
    sheets = [
        Sheet("state", "", _STATES, (*states, ("in all", document.terminals)), "None."),
        Sheet("site", "By site", _SITES, _sites(document.sites), "No terminals."),
    ]
    if document.listed:
        # CSV is the first table.
        sheets.insert(0, Sheet("terminal", "Terminals", _LISTED, tuple(map(_item, document.listed))))
    named = document.campaign.name
    about = f"campaign {named}" if named else "no campaign: all checks, whenever collected"
    headline = f"{counted(document.terminals, 'terminal')}, {_checked(document)} checked ({about})."
    merged = (f"{counted(document.merged, 'row')} taken for terminals known already: `fleet show`",)
    return Report(
        headline,
        tuple(sheets),
        (
            *going(document.campaign),
            *_going(document.progress),
            *(merged if document.merged else ()),
            *_strange(document),
            *document.notes,
        ),
        document,
    )


def terminal_report(document: TerminalDocument) -> Report:
    """Every attempt, answer and gap."""
    one = document.terminal
    place = one.site or "in no site"
    headline = f"{one.hostname} ({one.id}, {place}): {one.state}: {one.why}."
    answers = tuple(
        (
            a.check,
            a.outcome,
            a.at,
            "yes" if a.counts else "no",
            a.file,
            "; ".join((*a.findings[:5], *((a.reason,) if a.reason else ()))),
        )
        for a in document.answers
    )
    decisions = tuple((d.action, d.at, d.by, d.until, d.why, d.evidence) for d in document.decisions)
    joined = tuple((j.hostname, j.file, j.row, j.why) for j in document.joined)
    known = [
        f"{word} {value}"
        for word, value in (
            (_uuid(document.uuid), document.uuid),
            ("serial", document.serial),
            ("GUID", document.guid),
            ("address", one.address),
            ("OS", one.os),
        )
        if value
    ]
    notes = [", ".join(known)] if known else []
    notes += [f"looks like another: {text}" for text in document.alike]
    if len(document.nodes) > 1:
        notes.append(
            f"{len(document.nodes)} nodes enrolled as this terminal: the newest answers count, and findings of"
            " one stay whatever another answers"
        )
    notes += _gaps(document.gaps)
    sheets = [Sheet("answer", "Answers", _ANSWERS, answers, "It never answered.")]
    if decisions:
        sheets.append(Sheet("decision", "Decisions", _DECISIONS, decisions))
    if document.nodes:
        sheets.append(Sheet("node", "Enrolled as this terminal", _NODES, _node_rows(document)))
    if document.attempts:
        tried = [
            (a.campaign, a.question, a.handed, a.at, a.fate or "open", a.reason)
            for a in document.attempts
        ]
        sheets.append(Sheet("attempt", "Asked by campaigns", _ATTEMPTS, tried))
    if refused := [row for n in document.nodes for row in refusal_rows(n.refused)]:
        sheets.append(Sheet("refused", "Refused of it", REFUSED, refused))
    if document.set_aside:
        aside = [(a.file, a.at, a.parts, "; ".join(a.first[:3])) for a in document.set_aside]
        sheets.append(Sheet("aside", "Set aside of its collections", _ASIDE, aside))
    if joined:
        sheets.append(Sheet("row", "Rows taken for this terminal", _JOINED, joined))
    return Report(headline, tuple(sheets), tuple(notes), document)


def _gaps(gaps: Sequence[str]) -> list[str]:
    """Gaps with the checks of one reason together."""
    checks: dict[str, list[str]] = {}
    for text in gaps:
        check, _, why = text.partition(": ")
        checks.setdefault(why, []).append(check)
    return [f"gap: {why}: {', '.join(names)}" for why, names in checks.items()]


def _node_rows(document: TerminalDocument) -> list[tuple[Cell, ...]]:
    return [
        (
            n.node,
            n.identifier,
            n.version,
            n.platform,
            n.address,
            n.enrolled,
            n.enrolments,
            n.seen,
            n.secret,
        )
        for n in document.nodes
    ]


def _uuid(uuid: str | None) -> str:
    return "UUID" if uuid is None or uuid_key(uuid) else "UUID (a vendor's, which identifies nothing)"


def import_report(document: ImportDocument) -> Report:
    """What each file gave."""
    rows = tuple(
        (f.file, "taken in before" if f.again else f.kind, f.read, f.aside) for f in document.files
    )
    headline = (
        f"{counted(document.terminals, 'terminal')}, {count(document.new)} new;"
        f" {counted(document.merged, 'row')} taken for one known already."
    )
    notes = [f"{f.file}: {text}" for f in document.files for text in f.notes]
    if document.passed_over:
        notes.append(
            f"{counted(document.passed_over, 'file')} of forms that are not known: passed over"
        )
    notes += _strange(document)
    return Report(headline, (Sheet("file", "", _FILES, rows, "No files."),), tuple(notes), document)


def fleet_book(document: FleetReportDocument) -> Report:
    """The report: by country and site, what was found, what is left and why."""
    countries = tuple(
        (
            c.country or "(not known)",
            c.terminals,
            c.checked,
            c.states["checked_findings"],
            c.terminals - c.checked - c.states["excluded"],
            c.states["excluded"],
        )
        for c in document.countries
    )
    found = tuple((f.hostname, f.site, f.check, f.at, f.finding) for f in document.findings)
    sheets = (
        Sheet("site", "By site", _SITES, _sites(document.sites), "No terminals."),
        Sheet("country", "By country", (_SITES[1], *_SITES[2:]), countries, "No terminals."),
        Sheet("finding", "Found", _FOUND, found, "Nothing was found."),
        Sheet("left", "Left", _LISTED, tuple(map(_item, document.left)), "Nothing is left."),
        Sheet("excluded", "Excluded", _LISTED, tuple(map(_item, document.excluded)), "None."),
        Sheet(
            "day", "Checked by day", _TREND, tuple((d.day, d.checked) for d in document.trend), "None."
        ),
        *stages(document.campaign),
    )
    named = document.campaign.name
    headline = (
        f"{counted(document.terminals, 'terminal')}: {count(document.progress.answered)} checked,"
        f" {count(document.progress.left)} left, {count(len(document.excluded))} excluded"
        f" ({f'campaign {named}' if named else 'no campaign'})."
    )
    notes = [*going(document.campaign), *_going(document.progress)]
    notes += _strange(document)
    return Report(
        headline, sheets, tuple(notes), document, Sheet("terminal", "", _EVERY, _every(document))
    )


def _every(document: FleetReportDocument) -> list[tuple[Cell, ...]]:
    countries = {s.site: s.country for s in document.sites}
    found: dict[str, list[str]] = {}
    for one in document.findings:
        found.setdefault(one.terminal, []).append(f"{one.check}: {one.finding}")
    return [
        (
            *_item(one)[:3],
            countries.get(one.site),
            one.address,
            one.os,
            *_item(one)[3:],
            "; ".join(found.get(one.id, ())),
            ", ".join(one.open),
        )
        for one in document.every
    ]


def _going(progress: Progress | None) -> tuple[str, ...]:
    if progress is None or not progress.left:
        return ()
    if progress.rate is None:
        speed = "none came to be checked in the last day"
    else:
        end = f"{progress.done_at:%Y-%m-%d %H:%M} UTC" if progress.done_at else "not within ten years"
        speed = f"{progress.rate:.1f} an hour in the last day; at that rate done {end}"
    return (
        f"{count(progress.left)} left; {speed}",
        f"least checked: {'; '.join(progress.slowest)}",
    )


def _strange(document: FleetDocument | FleetReportDocument | ImportDocument) -> tuple[str, ...]:
    """Who answered and is no terminal: how many, and the first of them."""
    if not document.strangers:
        return ()
    total = max(document.strangers_in_all, len(document.strangers))
    shown = document.strangers[:_FIRST]
    more = f" and {count(total - len(shown))} more" if total > len(shown) else ""
    who = "1 machine that answered is" if total == 1 else f"{count(total)} machines that answered are"
    return (f"{who} in no inventory, or could be several: {', '.join(shown)}{more}",)


def _checked(document: FleetDocument) -> str:
    return count(sum(document.states[state] for state in CHECKED))


def _sites(sites: tuple[SiteStanding, ...]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        (
            s.site or "(in no site)",
            s.country,
            s.terminals,
            s.checked,
            s.states["checked_findings"],
            s.terminals - s.checked - s.states["excluded"],
            s.states["excluded"],
        )
        for s in sites
    )


def _item(one: TerminalItem) -> tuple[Cell, ...]:
    return (one.id, one.hostname, one.site, one.state, one.since, one.until, one.by, one.why)
