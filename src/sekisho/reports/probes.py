"""What terminals saw across a cut, as people read it."""

from __future__ import annotations

from collections.abc import Sequence

from sekisho.model.findings import rfc3339
from sekisho.model.probes import Probed, ProbeDocument, Tried
from sekisho.reports.base import Cell, Column, Report, Sheet
from sekisho.reports.units import counted

_DIRECTIONS = (
    Column("from", "From"),
    Column("to", "To"),
    Column("outcome", "Outcome"),
    Column("why", "Why"),
)
_TRIED = (
    Column("probe", "Probe", "count"),
    Column("terminal", "Terminal"),
    Column("service", "Service"),
    Column("what", "Plan"),
    Column("came", "What came back"),
)


def probe_report(document: ProbeDocument) -> Report:
    """All probes of a plan."""
    rows = tuple(map(_row, document.tried))
    sheets = (
        probed_sheet(document.directions),
        Sheet("tried", "What was asked for", _TRIED, rows, "Nobody was asked."),
    )
    notes = list(document.notes)
    if document.waits is not None:
        until = rfc3339(document.waits)[:16]
        notes.append(f"terminals may answer until {until}Z; `sekisho contain verify {document.plan}`")
    return Report(_headline(document), sheets, tuple(notes), document)


def probed_sheet(found: Sequence[Probed], plan: str = "PLAN") -> Sheet:
    """The answer for each direction."""
    rows = tuple((one.begin, one.end, one.outcome.replace("_", " "), one.why) for one in found)
    empty = f"Nobody tried it: `sekisho contain probe {plan}`."
    return Sheet("probed", "Tried from both ends", _DIRECTIONS, rows, empty)


def _headline(document: ProbeDocument) -> str:
    outcomes = [one.outcome for one in document.directions]
    told = ", ".join(
        f"{outcomes.count(word)} {word.replace('_', ' ')}"
        for word in ("reached", "not_reached", "not_known")
    )
    of = counted(len(outcomes), "direction")
    asked = f"{document.answered} of {counted(document.terminals, 'terminal')} answered"
    held = "" if document.since else " No gateway holds it yet."
    return f"{document.plan}: {of}, {told}; {asked}.{held}"


def _row(one: Tried) -> tuple[Cell, ...]:
    came = one.came or (f"could not ask: {one.failed}" if one.failed else None)
    if came is None:
        came = "nothing" if one.at is not None else "no answer yet"
    return one.probe, one.terminal, one.service, "keeps" if one.control else "cuts", came
