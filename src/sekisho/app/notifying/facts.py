"""Record facts of an incident, and show them; each a ledger entry before it counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sekisho.app.decisions import open_decisions
from sekisho.app.incidents import asked_for
from sekisho.app.investigating.showing import Step, show
from sekisho.app.notifying.records import sheet
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.model.findings import rfc3339
from sekisho.model.notices import FactProposal, FactsDocument
from sekisho.notify.facts import UNKNOWN, Sheet
from sekisho.notify.proposals import proposals
from sekisho.notify.vocabulary import in_words, kind_of, nearest, read_value, written

MOST_FACTS = 2_000
"""Recordings of one incident; the clocks are worked out anew after each."""
MAX_SOURCE = 1_000


def pair(text: str, at: datetime | None) -> tuple[str, str]:
    """`NAME=VALUE` as name and value, checked; a time may be left out where `at` says it.

    Raises RequestError.
    """
    name, mark, value = (part.strip() for part in text.partition("="))
    known = kind_of(name)
    if known is None:
        raise RequestError(f"`{name[:60]}` is no fact that any obligation asks for", nearest(name))
    if not mark:
        if known.kind != "time" or at is None:
            raise RequestError(f"{name} has no value", f"write {name}=VALUE, or {name}=unknown")
        value = rfc3339(at)
    if value == UNKNOWN:
        return name, UNKNOWN
    return name, written(read_value(name, value))


def record(
    workspace: Workspace,
    asked: str,
    texts: Sequence[str],
    *,
    now: datetime,
    by: str,
    at: datetime | None = None,
    source: str = "",
) -> FactsDocument:
    """Record facts, known since `at` (aware UTC; now if not said), from `source`. Raises RequestError.

    All of them are checked before any is recorded; one that is recorded so already is not repeated.
    """
    source = source.strip()
    if not source:
        raise RequestError("say where it is known from", "--source 'minutes of the 09:00 call'")
    if len(source) > MAX_SOURCE:
        raise RequestError(f"a source has at most {MAX_SOURCE} characters")
    since = now if at is None else at
    if since > now:
        raise RequestError(f"{in_words(since)} lies ahead: nobody can know it yet")
    pairs = [pair(text, at) for text in texts]
    for name, value in pairs:
        known = kind_of(name)
        if known is not None and known.kind == "time" and value != UNKNOWN and value > rfc3339(now):
            raise RequestError(f"{name} lies ahead: {value}", "record it when it has happened")
    with open_decisions(workspace) as decisions, decisions.exclusive():
        incident = asked_for(decisions.state.incidents(), asked).id
        for name, value in pairs:
            before = sheet(decisions.state.notices(), incident)
            if len(before.recorded) >= MOST_FACTS:
                raise RequestError(f"{incident} has {MOST_FACTS} facts recorded, the most there can be")
            last = before.latest().get(name)
            same = last is not None and (last.text, last.at, last.source) == (value, since, source)
            if not same:
                body = {"incident": incident, "name": name, "value": value, "source": source}
                decisions.decide("notify.fact", {**body, "at": rfc3339(since)}, at=now, by=by)
        return _document(incident, sheet(decisions.state.notices(), incident))


def shown(workspace: Workspace, asked: str) -> FactsDocument:
    """Every fact of an incident, oldest first. Raises RequestError."""
    with open_decisions(workspace) as decisions:
        incident = asked_for(decisions.state.incidents(), asked).id
        return _document(incident, sheet(decisions.state.notices(), incident))


def proposed(
    workspace: Workspace, asked: str, *, now: datetime, by: str, step: Step | None = None
) -> FactsDocument:
    """The same, with what the incident itself suggests. Raises RequestError where there is no lake."""
    with open_decisions(workspace) as decisions:
        incident = asked_for(decisions.state.incidents(), asked).id
        known = sheet(decisions.state.notices(), incident)
    found = show(workspace, incident, now=now, by=by, step=step)
    sites = read_inventory(workspace).sites
    return _document(incident, known, proposals(found, sites, known), proposing=True)


def _document(
    incident: str, known: Sheet, found: tuple[FactProposal, ...] = (), *, proposing: bool = False
) -> FactsDocument:
    notes = []
    if not known.recorded:
        notes.append("no fact was recorded: no clock can start")
    if proposing:
        notes.append("proposals count for nothing until they are recorded: --set NAME=VALUE")
    return FactsDocument(
        incident=incident,
        facts=known.entries(),
        contradictions=known.contradictions(),
        proposals=found,
        notes=tuple(notes),
    )
