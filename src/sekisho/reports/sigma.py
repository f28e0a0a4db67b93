"""What Sigma rules found, and what they need, as people read it."""

from __future__ import annotations

from sekisho.model.sigma import (
    SigmaConnection,
    SigmaDocument,
    SigmaEnd,
    SigmaFinding,
    SigmaRulesDocument,
)
from sekisho.reports.base import Cell, Column, Report, Sheet
from sekisho.reports.units import counted

_FOUND = (
    Column("level", "Level", "severity"),
    Column("hostname", "Hostname"),
    Column("rule", "Rule"),
    Column("events", "Events", "count"),
    Column("last", "Last", "time"),
)
_CONNECTIONS = (
    Column("level", "Level", "severity"),
    Column("src", "From"),
    Column("dst", "To"),
    Column("rule", "Rule"),
    Column("records", "Records", "count"),
    Column("last", "Last", "time"),
)
_LINES = (
    Column("rule", "Rule"),
    Column("log", "Log", "code"),
    Column("sensor", "Sensor"),
    Column("at", "At", "time"),
    Column("row", "Line", "count"),
    Column("file", "File", "code"),
)
_WHOSE = (
    Column("rule", "Rule"),
    Column("id", "Id", "code"),
    Column("author", "By"),
    Column("license", "Licence"),
)
_EVIDENCE = (
    Column("hostname", "Hostname"),
    Column("rule", "Rule"),
    Column("at", "At", "time"),
    Column("record", "Record", "code"),
    Column("file", "File", "code"),
)
_REFUSED = (
    Column("path", "Rule", "code"),
    Column("why", "Why it is not asked"),
    Column("title", "Title"),
)
_UNRECORDED = (
    Column("logsource", "Log source"),
    Column("rules", "Rules", "count"),
    Column("why", "Why"),
)
_TERMINALS = (
    Column("hostname", "Hostname"),
    Column("outcome", "Answer"),
    Column("events", "Events", "count"),
    Column("last", "Last", "time"),
    Column("says", "Says"),
)
_RULES = (
    Column("level", "Level", "severity"),
    Column("title", "Title"),
    Column("logsource", "Log source"),
    Column("standing", "Standing", "state"),
    Column("terminals", "Terminals", "count"),
    Column("sensors", "Sensors"),
    Column("why", "Why"),
    Column("path", "File", "code"),
    Column("id", "Id", "code"),
)
_MEND = {
    "refused": "refused, they ask for what cannot be asked here",
    "not_recorded": "nobody recorded what they look at: not found there is not looked for",
}


def sigma_report(document: SigmaDocument) -> Report:
    """Findings first, then what was not recorded, what is refused, and how machines answer."""
    refused = [one for one in document.refusals if one.standing == "refused"]
    sheets = (
        Sheet(
            "finding", "", _FOUND, [_row(one) for one in document.findings], "No rule found anything."
        ),
        Sheet("evidence", "First records", _EVIDENCE, [_evidence(one) for one in document.findings]),
        *_on_connections(document),
        Sheet("rule", "Whose rules these are", _WHOSE, _whose(document)),
        Sheet(
            "not_recorded",
            "Not recorded",
            _UNRECORDED,
            [(one.logsource, one.rules, one.why) for one in document.not_recorded],
            "Every log source that rules look at is recorded somewhere.",
        ),
        Sheet(
            "refused",
            "Refused",
            _REFUSED,
            [(one.rule.path, one.why, one.rule.title) for one in refused],
            "No rule is refused.",
        ),
        Sheet(
            "machine",
            "Machines",
            _TERMINALS,
            [(t.hostname, t.outcome, t.events, t.last, t.reason) for t in document.terminals],
            "No machine's events are kept.",
        ),
    )
    machines = len({one.hostname for one in document.findings})
    headline = (
        f"{counted(document.asked, 'rule')} asked of {counted(document.events, 'event')} of"
        f" {counted(len(document.terminals), 'machine')}:"
        f" {counted(len(document.findings), 'finding')} on {counted(machines, 'machine')}"
        f"{_and_connections(document)}."
    )
    return Report(headline, sheets, _notes(document), document)


def _on_connections(document: SigmaDocument) -> tuple[Sheet, ...]:
    """Findings in sensors' records, where there are any: who asks terminals alone is told nothing of them."""
    found = document.connections
    if not found:
        return ()
    return (
        Sheet("connection", "In connections", _CONNECTIONS, [_connection(one) for one in found]),
        Sheet(
            "record",
            "First lines",
            _LINES,
            [
                (one.rule.title, one.log, line.sensor, line.at, line.row, line.file)
                for one in found
                for line in one.evidence[:1]
            ],
        ),
    )


def _connection(one: SigmaConnection) -> tuple[Cell, ...]:
    level = "info" if one.rule.level == "informational" else one.rule.level
    port = "" if one.port is None else f" port {one.port}"
    return level, _end(one.src), f"{_end(one.dst)}{port}", one.rule.title, one.records, one.last


def _end(one: SigmaEnd) -> str:
    name = one.hostname or one.asset
    where = f", {one.site}" if one.site else ""
    return f"{name} ({one.address}{where})" if name else f"{one.address or '?'}{where}"


def rules_report(document: SigmaRulesDocument) -> Report:
    """One line each."""
    rows = [
        (
            one.rule.level,
            one.rule.title,
            one.rule.logsource,
            one.standing,
            one.terminals,
            None if one.sensors is None else "recorded" if one.sensors else "not recorded",
            one.why,
            one.rule.path,
            one.rule.id,
        )
        for one in document.rules
    ]
    counts = {name: sum(one.standing == name for one in document.rules) for name in _MEND}
    notes = [f"{counted(count, 'rule')}: {_MEND[name]}" for name, count in counts.items() if count]
    sheet = Sheet("rule", "", _RULES, rows, "No rule.")
    headline = f"{counted(len(rows), 'rule')}; events of {counted(document.machines, 'machine')}."
    return Report(headline, (sheet,), (*notes, *document.notes), document)


def _and_connections(document: SigmaDocument) -> str:
    count = len(document.connections)
    return f", {count:,} in connections" if count else ""


def _row(one: SigmaFinding) -> tuple[Cell, ...]:
    level = "info" if one.rule.level == "informational" else one.rule.level
    return level, one.hostname, one.rule.title, one.events, one.last


def _evidence(one: SigmaFinding) -> tuple[Cell, ...]:
    first = one.evidence[0]
    record = first.row if first.record is None else first.record
    return (
        one.hostname,
        one.rule.title,
        first.at,
        f"{first.channel} {record}",
        first.within or first.file,
    )


def _whose(document: SigmaDocument) -> list[tuple[Cell, ...]]:
    found = [one.rule for one in document.findings] + [one.rule for one in document.connections]
    rules = {(rule.path, rule.line): rule for rule in found}
    return [(r.title, r.id, r.author, r.license) for _, r in sorted(rules.items())]


def _notes(document: SigmaDocument) -> tuple[str, ...]:
    notes = []
    if document.unrecorded:
        notes.append(f"{counted(document.unrecorded, 'rule')}: {_MEND['not_recorded']}")
    if document.refused:
        notes.append(f"{counted(document.refused, 'rule')}: {_MEND['refused']}")
    if document.passed_over:
        notes.append(
            f"{counted(document.passed_over, 'rule')} passed over: below {document.level}, or deprecated"
        )
    if document.unread:
        notes.append(f"{counted(document.unread, 'record')} of logs could not be read")
    if not document.answered:
        notes.append("terminals' states do not follow this asking")
    return (*notes, *document.notes)
