"""The service for osquery, as people read it."""

from __future__ import annotations

from sekisho.model.fleet import RefusalItem, SecretsDocument, ServiceDocument
from sekisho.reports.base import Cell, Column, Report, Sheet
from sekisho.reports.units import counted

REFUSED = (
    Column("reason", "Refused"),
    Column("count", "How often", "count"),
    Column("last", "Last", "time"),
    Column("address", "From", "code"),
    Column("says", "The last one"),
)
_SECRETS = (
    Column("secret", "Secret", "code"),
    Column("site", "Site"),
    Column("made", "Made", "time"),
    Column("by", "By"),
    Column("nodes", "Enrolled", "count"),
    Column("retired", "Retired", "time"),
    Column("why", "Why"),
)
_COUNTS = (Column("what", "Since it was first started"), Column("count", "How many", "count"))
WORDS = {
    "enrol": "enrolments",
    "config": "configurations asked for",
    "read": "check-ins",
    "handed": "queries handed",
    "write": "deliveries of answers",
    "answers": "answers to queries",
    "log": "deliveries of logs",
    "lines": "lines of logs",
    "letters": "deliveries kept to be judged",
    "repeated": "repetitions, which count once",
}


def service_report(document: ServiceDocument) -> Report:
    """Who is there, what waits, what was refused."""
    counts = [(words, document.counts.get(name, 0)) for name, words in WORDS.items()]
    nobody = sum(one.count for one in document.nobody)
    notes = []
    if document.unjudged:
        since = "" if document.oldest is None else f" since {document.oldest:%Y-%m-%d %H:%M} UTC"
        notes.append(f"{counted(document.unjudged, 'delivery', 'deliveries')} not judged yet{since}")
    if document.held:
        notes.append(f"{counted(document.held, 'delivery', 'deliveries')} wait for the rest of a check")
    if document.strangers:
        notes.append(
            f"{counted(document.strangers, 'node')} of machines that are in no inventory, or could be "
            "several: `sekisho fleet status`"
        )
    if rest := sum(document.refused.values()) - nobody:
        notes.append(f"{rest:,} refusals are of known terminals: `sekisho fleet show HOST`")
    sheets = (
        Sheet("count", "", _COUNTS, counts),
        Sheet("refused", "Refused, of nobody known", REFUSED, refusal_rows(document.nobody)),
    )
    headline = f"{counted(document.nodes, 'node')}, {document.online:,} heard lately."
    return Report(headline, sheets, tuple(notes), document)


def refusal_rows(found: tuple[RefusalItem, ...]) -> list[tuple[Cell, ...]]:
    """Rows of `REFUSED`, the most frequent first."""
    ordered = sorted(found, key=lambda one: (-one.count, one.reason))
    return [(one.reason, one.count, one.last, one.address, one.says) for one in ordered]


def secrets_report(document: SecretsDocument) -> Report:
    """Secrets without themselves."""
    rows: list[tuple[Cell, ...]] = [
        (one.id, one.site, one.made, one.by, one.nodes, one.retired, one.why)
        for one in document.secrets
    ]
    valid = sum(one.retired is None for one in document.secrets)
    empty = "There is no secret yet: `sekisho fleet secret new`."
    sheet = Sheet("secret", "", _SECRETS, rows, empty=empty)
    return Report(f"{counted(valid, 'secret')} to enrol with.", (sheet,), (), document)
