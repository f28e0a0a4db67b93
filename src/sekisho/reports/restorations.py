"""Restorations as people read them: the report that says why a link was given back, or why not yet."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.model.restorations import (
    GateDocument,
    RestorationDocument,
    RestorationsDocument,
    StageDocument,
)
from sekisho.reports.base import Cell, Column, Report, Sheet
from sekisho.reports.history import history
from sekisho.reports.units import counted, size_range

_STAGES = (
    Column("number", "Stage", "count"),
    Column("state", "State"),
    Column("opens", "Gives back"),
    Column("links", "Links"),
    Column("lifts", "Lifts"),
    Column("holds", "Holds on to"),
    Column("lifted_at", "Lifted", "time"),
)
_GATES = (
    Column("name", "Gate"),
    Column("state", "Is"),
    Column("why", "Why"),
    Column("waived", "Waived"),
)
_EVIDENCE = (Column("gate", "Gate"), Column("text", "Rests on"))
_DAYS = (
    Column("day", "Day (UTC)"),
    Column("quiet", "Quiet"),
    Column("covered", "Recorded"),
    Column("why", "Why not"),
)
_SHARES = (
    Column("rule", "Rule"),
    Column("owner", "Owner"),
    Column("verdict", "Verdict", "verdict"),
    Column("connections", "Connections", "count"),
    Column("bytes", "Volume"),
)
_LIST = (
    Column("id", "Id", "code"),
    Column("plans", "Gives back"),
    Column("stage", "Stage"),
    Column("state", "State"),
    Column("closed", "Not open"),
    Column("since", "Cut since", "time"),
)


def restoration_report(document: RestorationDocument) -> Report:
    """One restoration, the evidence of its gates day by day."""
    following = following_stage(document)
    gates = following.gates if following else ()
    sheets = (
        Sheet("stage", "Stages", _STAGES, tuple(map(_stage, document.stages)), "No stage."),
        Sheet("gate", "Gates", _GATES, tuple(map(_gate, gates)), ""),
        Sheet(
            "evidence",
            "What gates rest on",
            _EVIDENCE,
            tuple((gate.name, text) for gate in gates for text in gate.evidence),
            "",
        ),
        Sheet("day", "Days", _DAYS, tuple(_days(gates)), ""),
        Sheet(
            "rule",
            "What would pass again",
            _SHARES,
            tuple(
                (s.rule, s.owner, s.verdict, s.connections, size_range(s.bytes))
                for s in document.reopens_by_rule
            ),
            "",
        ),
        history("What was decided", document.history),
    )
    shown = tuple(sheet for sheet in sheets if sheet.rows)
    return Report(headline(document), shown, tuple(_notes(document, following)), document)


def restorations_report(document: RestorationsDocument) -> Report:
    """All of them, a row each."""
    rows = tuple(map(_row, document.restorations))
    sheet = Sheet("restoration", "", _LIST, rows, "")
    return Report(f"{counted(len(rows), 'restoration')}.", (sheet,), document.notes, document)


def headline(document: RestorationDocument) -> str:
    """Which stage is next, and what keeps it."""
    done = sum(stage.state in ("lifted", "recontained") for stage in document.stages)
    what = (
        f"{document.id} gives back {', '.join(document.plans)}: {done} of {len(document.stages)} stages"
    )
    again = [stage for stage in document.stages if stage.state == "recontained"]
    cut = f"; stage {again[-1].number} was cut again" if again else ""
    following = following_stage(document)
    if document.replaced_by is not None:
        return f"{what} are lifted{cut}; {document.replaced_by} was planned in its place."
    if following is None:
        return f"{what} are lifted{cut}."
    closed = _closed(following)
    keeps = f", kept by {', '.join(closed)}" if closed else ""
    return f"{what} are lifted{cut}; stage {following.number} is {following.state}{keeps}."


def following_stage(document: RestorationDocument) -> StageDocument | None:
    """The first stage that is not lifted; none where another restoration is in its place."""
    if document.replaced_by is not None:
        return None
    return next((s for s in document.stages if s.state not in ("lifted", "recontained")), None)


def _closed(stage: StageDocument) -> list[str]:
    return [gate.name for gate in stage.gates if not gate.passes]


def _row(document: RestorationDocument) -> tuple[Cell, ...]:
    following = following_stage(document)
    plans = ", ".join(document.plans)
    if document.replaced_by is not None:
        return document.id, plans, "", f"replaced by {document.replaced_by}", "", document.since
    if following is None:
        return document.id, plans, "", "lifted", "", document.since
    place = f"{following.number} of {len(document.stages)}"
    closed = ", ".join(_closed(following))
    return document.id, plans, place, following.state, closed, document.since


def _stage(stage: StageDocument) -> tuple[Cell, ...]:
    holds = [", ".join((*plan.holds, *(f"but {name}" for name in plan.allow))) for plan in stage.plans]
    return (
        stage.number,
        stage.state,
        "; ".join(stage.opens),
        ", ".join(stage.links),
        ", ".join(plan.lifts for plan in stage.plans),
        "; ".join(one for one in holds if one) or "nothing",
        stage.lifted_at,
    )


def _gate(gate: GateDocument) -> tuple[Cell, ...]:
    waived = f"{gate.waived.by}: {gate.waived.why}" if gate.waived else ""
    return gate.name, gate.state, gate.why, waived


def _days(gates: tuple[GateDocument, ...]) -> Iterator[tuple[Cell, ...]]:
    for gate in gates:
        for day in reversed(gate.days):
            covered = ", ".join(
                f"{site} {'nobody looks' if share is None else f'{share:.0%}'}"
                for site, share in day.covered.items()
            )
            yield day.day, "yes" if day.quiet else "no", covered, day.why


def _notes(document: RestorationDocument, following: StageDocument | None) -> Iterator[str]:
    if document.reason:
        yield f"reason: {document.reason}"
    if following is None:
        yield from document.notes
        return
    if document.reopened_findings:
        yield f"findings that would pass again: {', '.join(document.reopened_findings)}"
    if following.held_by:
        yield f"{', '.join(following.held_by)} hold some of these links still"
    yield from (f"still to be approved: {text}" for text in following.lacks)
    if following.state == "lifting":
        plans = ", ".join(plan.lifts for plan in following.plans)
        yield f"gateways take it back unless it is confirmed: sekisho contain confirm {plans}"
    yield f"hash of stage {following.number}: {following.hash}"
    yield from document.notes
