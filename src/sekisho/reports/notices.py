"""Duties to notify, facts and clocks, as people read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from sekisho.model.notices import (
    Clock,
    ClocksDocument,
    DraftsDocument,
    FactsDocument,
    ObligationsDocument,
)
from sekisho.notify.facts import UNKNOWN
from sekisho.notify.vocabulary import kind_of
from sekisho.reports.base import Cell, Column, Report, Sheet
from sekisho.reports.units import counted

_CLOCKS = (
    Column("clock", "Obligation, stage"),
    Column("state", "State"),
    Column("local", "Due there"),
    Column("why", "Why"),
)
_WAITING = (Column("anchor", "Waits for"), Column("clocks", "Clocks"))
_FACTS = (
    Column("name", "Fact"),
    Column("value", "Value"),
    Column("at", "Known since", "time"),
    Column("by", "By"),
    Column("source", "Source"),
    Column("counts", "Counts"),
)
_PROPOSALS = (
    Column("name", "Fact"),
    Column("value", "Proposed"),
    Column("recorded", "Recorded"),
    Column("why", "Why"),
)
_DRAFTS = (
    Column("document", "Document"),
    Column("version", "Version", "count"),
    Column("at", "Written", "time"),
    Column("from", "From"),
    Column("files", "Files"),
    Column("reviewed", "Reviewed by"),
    Column("delivered", "Delivered", "time"),
    Column("digest", "SHA-256", "code"),
)
_OBLIGATIONS = (
    Column("id", "Obligation"),
    Column("title", "Law"),
    Column("due", "Stages"),
    Column("confidence", "Text"),
    Column("as_of", "As of"),
)
_URGENT = ("late", "due_soon", "needs_decision", "running", "not_started", "met", "disabled")
QUIET = ("not_applicable", "disabled")


def clocks_report(document: ClocksDocument, *, every: bool = False) -> Report:
    """What is due first; clocks that wait stand together under what they wait for. What does not apply is
    counted, and shown where `every` is asked for."""
    order = {state: n for n, state in enumerate((*_URGENT, "not_applicable"))}
    chosen = [one for one in document.clocks if every or one.state not in QUIET]
    chosen.sort(
        key=lambda one: (order[one.state], one.due is None, one.due or document.at, one.obligation)
    )
    rows = tuple(
        (_named(one), _state(one), one.local, _why(one, document.at))
        for one in chosen
        if one.state != "not_started"
    )
    empty = "No clock runs: see what they wait for."
    sheets = [Sheet("clock", "", _CLOCKS, rows, empty)]
    waiting: dict[str, list[str]] = {}
    for one in chosen:
        if one.state == "not_started":
            waiting.setdefault(one.missing[0], []).append(_named(one))
    if waiting:
        waits = tuple((anchor, ", ".join(names)) for anchor, names in waiting.items())
        sheets.append(Sheet("waiting", "Not started", _WAITING, waits))
    counts = Counter(str(one.state) for one in document.clocks)
    said = ", ".join(f"{counts[state]} {state.replace('_', ' ')}" for state in order if counts[state])
    headline = f"{document.incident}: {said or 'no obligations'}."
    if document.assumed:
        headline += f" Assumed: {', '.join(document.assumed)}."
    return Report(headline, tuple(sheets), tuple(_notes(document, chosen)), document)


def _notes(document: ClocksDocument, shown: Sequence[Clock]) -> Iterator[str]:
    yield from (f"contradiction: {text}" for text in document.contradictions)
    for one in document.clocks:
        for move in one.moved:
            way = "EARLIER" if move.earlier else "later"
            yield (
                f"{one.obligation} {one.stage} moved {way}: {move.was:%Y-%m-%d %H:%M} UTC to"
                f" {move.now:%Y-%m-%d %H:%M} UTC, by {move.fact} ({move.by})"
            )
    if any(one.confidence == "secondary" for one in shown):
        yield "* the text of the law was not read, only an account of it: sekisho notify obligations"
    hidden = len(document.clocks) - len(shown)
    if hidden:
        yield f"{hidden} do not apply or are disabled: --all shows them and why"
    yield from document.notes


def _named(clock: Clock) -> str:
    return f"{clock.obligation} {clock.stage}{'*' if clock.confidence == 'secondary' else ''}"


def _state(clock: Clock) -> str:
    said = clock.state.replace("_", " ")
    if clock.before is not None:
        said += f" (was {clock.before.state.replace('_', ' ')})"
    return said


def _why(clock: Clock, at: datetime) -> str:
    if clock.state == "needs_decision":
        passed = "; that time has passed" if clock.due and clock.due < at else ""
        return f"decided by {', '.join(clock.missing)}{passed}"
    return clock.why


def facts_report(document: FactsDocument) -> Report:
    """Every recording, oldest first, and what is proposed."""
    rows = tuple(
        (
            f.name,
            _value(f.name, f.value),
            f.at,
            f.by,
            f.source,
            "yes" if f.counts else "no",
        )
        for f in document.facts
    )
    sheets = [Sheet("fact", "Recorded", _FACTS, rows, "No fact was recorded.")]
    if document.proposals:
        proposed = tuple(
            (p.name, _value(p.name, p.value), _value(p.name, p.recorded), p.why)
            for p in document.proposals
        )
        sheets.append(Sheet("proposal", "Proposed by the incident", _PROPOSALS, proposed))
    notes = [f"contradiction: {text}" for text in document.contradictions]
    if not all(f.counts for f in document.facts):
        notes.append("of what was recorded of one fact the latest counts")
    headline = f"{document.incident}: {counted(len(rows), 'fact')} recorded."
    return Report(headline, tuple(sheets), (*notes, *document.notes), document)


def _value(name: str, text: str | None) -> Cell:
    """A time as one, so that it is shown in the zone of those who read it."""
    known = kind_of(name)
    if text is None or text == UNKNOWN or known is None or known.kind != "time":
        return text
    return datetime.fromisoformat(text)


def obligations_report(document: ObligationsDocument) -> Report:
    """The laws and contracts, and how sure what is said of them is."""
    rows = tuple(
        (
            one.id,
            one.title + ("" if one.enabled else f" (disabled: {one.why_disabled})"),
            "; ".join(f"{s.stage}: {s.due} from {s.anchor}" for s in one.stages),
            one.confidence if not one.own else f"own, {one.confidence}",
            one.as_of.isoformat(),
        )
        for one in document.obligations
    )
    headline = f"{counted(len(rows), 'obligation')}."
    sheet = Sheet("obligation", "", _OBLIGATIONS, rows, "None.")
    return Report(headline, (sheet,), document.notes, document)


def drafts_report(document: DraftsDocument) -> Report:
    """Every version, who reviewed it, and whether it went out."""
    rows = tuple(
        (
            one.document,
            one.version,
            one.at,
            one.written_by,
            ", ".join(one.files),
            ", ".join(r.by + ("" if r.holds else " (void)") for r in one.reviews) or "nobody",
            one.delivered,
            one.digest[:12],
        )
        for one in document.drafts
    )
    headline = f"{document.incident}: {counted(len(rows), 'version')} drafted."
    sheet = Sheet("draft", "", _DRAFTS, rows, "Nothing was drafted.")
    return Report(headline, (sheet,), document.notes, document)
