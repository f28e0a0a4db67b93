"""Containment plans as people read them."""

from __future__ import annotations

from sekisho.model.findings import rfc3339
from sekisho.model.plans import (
    ExemptionDocument,
    ExemptionsDocument,
    PlanDocument,
    PlansDocument,
    StagingDocument,
)
from sekisho.model.previews import PreviewStaging
from sekisho.reports.base import Cell, Column, Report, Sheet
from sekisho.reports.history import history
from sekisho.reports.units import counted

_GATEWAYS = (
    Column("name", "Gateway"),
    Column("platform", "Platform"),
    Column("deliver", "Told by"),
    Column("state", "State"),
    Column("why", "Why"),
)
_UNENFORCEABLE = (Column("from", "From"), Column("to", "To"), Column("why", "Why nobody stops it"))
_KEPT = (Column("name", "Stays open"), Column("by", "Because of"))
STAGES = (
    Column("number", "Stage", "count"),
    Column("sites", "Sites"),
    Column("gateways", "Gateways", "count"),
    Column("state", "State"),
    Column("escaped", "Escaped", "count"),
    Column("broken", "Stopped", "count"),
    Column("steady", "Of", "count"),
    Column("why", "Why"),
)
_WHERE = (Column("name", "Gateway"), Column("state", "State"), Column("why", "Why"))
_SEEN = (
    Column("src", "From"),
    Column("dst", "To"),
    Column("service", "Service"),
    Column("flows", "Flows", "count"),
    Column("last_seen", "Last seen", "time"),
)
_OPEN = (
    Column("id", "Id", "code"),
    Column("sentence", "What"),
    Column("until", "Until", "time"),
    Column("reason", "Reason"),
)
_PLANS = (
    Column("id", "Id", "code"),
    Column("state", "State"),
    Column("sever", "Severs"),
    Column("incident", "Incident"),
    Column("gateways", "Gateways", "count"),
    Column("at", "Drafted", "time"),
    Column("by", "By"),
)


def plan_report(document: PlanDocument) -> Report:
    """One plan."""
    sheets = (
        Sheet(
            "gateway",
            "Gateways",
            _GATEWAYS,
            tuple((g.name, g.platform, g.deliver, g.state, g.why) for g in document.gateways),
            "No gateway carries any of it: nothing can be enforced.",
        ),
        Sheet("stage", "Stages", STAGES, stage_rows(document.staging), ""),
        Sheet(
            "unenforceable",
            "Not enforceable",
            _UNENFORCEABLE,
            tuple((u.begin, u.end, u.why) for u in document.unenforceable),
            "",
        ),
        Sheet("kept", "Stays open", _KEPT, tuple((k.name, k.by) for k in document.kept), ""),
        history("What was done", document.history),
    )
    shown = tuple(sheet for sheet in sheets if sheet.rows or sheet.name == "gateway")
    notes = [f"hash {document.hash}", *document.warnings]
    if document.staging is not None:
        notes.insert(0, limits(document.staging))
    if document.reason:
        notes.insert(0, f"reason: {document.reason}")
    return Report(headline(document), shown, tuple(notes), document)


def headline(document: PlanDocument) -> str:
    """What it severs, where, and in which state it is."""
    what = ", ".join(document.sever)
    kept = f" but rules of tier {document.keep_tier}" if document.keep_tier else ""
    where = f"at {counted(len(document.gateways), 'gateway')}" if document.gateways else "at no gateway"
    of = f" for {document.incident}" if document.incident else ""
    return f"{document.id} ({document.state}): severs {what}{kept} {where}{of}."


def stage_rows(staging: StagingDocument | None) -> tuple[tuple[Cell, ...], ...]:
    """The stages of a plan, by the columns of `STAGES`."""
    return tuple(
        (
            one.number,
            "; ".join(one.sites),
            len(one.gateways),
            one.state,
            one.escaped,
            one.broken,
            one.steady,
            one.why,
        )
        for one in (staging.stages if staging else ())
    )


def limits(staging: StagingDocument | PreviewStaging) -> str:
    """When it goes from one stage to the next."""
    return (
        f"the next stage is told when {_minutes(staging.soak)} of evidence after one show at most"
        f" {staging.accept_escaped} escaped and at most {staging.accept_broken} stopped that were to go on;"
        f" evidence may be {_minutes(staging.patience)} late"
    )


def _minutes(seconds: int) -> str:
    return f"{seconds // 60} minutes" if seconds >= 120 and not seconds % 60 else f"{seconds} seconds"


def plans_report(document: PlansDocument) -> Report:
    """All plans."""
    rows = tuple(
        (p.id, p.state, ", ".join(p.sever), p.incident, len(p.gateways), p.at, p.by)
        for p in document.plans
    )
    sheet = Sheet("plan", "", _PLANS, rows, "")
    return Report(f"{counted(len(rows), 'plan')}.", (sheet,), document.notes, document)


def exemption_report(document: ExemptionDocument) -> Report:
    """One exemption: what it opens."""
    gateways = tuple((g.name, g.state, g.why) for g in document.gateways)
    seen = tuple((s.src, s.dst, s.service, s.flows, s.last_seen) for s in document.seen)
    sheets = (
        Sheet("gateway", "Where", _WHERE, gateways, "No gateway of ours cuts it."),
        Sheet("flow", "Seen in the last year", _SEEN, seen, "Nothing of it is in what was recorded."),
    )
    plans = ", ".join(document.plans)
    until = rfc3339(document.until)[:16]
    if document.state == "open":
        told = sum(one.state == "applied" for one in document.gateways)
        where = f" at {told} of {counted(len(document.gateways), 'gateway')}"
        opened = f"is open{where if told < len(document.gateways) else ''}" if told else "may be open"
        nobody = "" if told else "; no gateway was told"
        headline = (
            f"{document.id}: {document.sentence} {opened} until {until}Z, although {plans}"
            f" cut{'s' * (len(document.plans) == 1)} it{nobody}."
        )
    else:
        headline = (
            f"Nothing is open yet: {document.sentence} would be until {until}Z, though {plans}"
            f" cut{'s' * (len(document.plans) == 1)} it."
        )
    notes = [f"reason: {document.reason}", f"hash {document.hash}"]
    if document.needs:
        notes.insert(0, document.needs)
    return Report(headline, sheets, tuple(notes), document)


def exemptions_report(document: ExemptionsDocument) -> Report:
    """What is open for a while."""
    rows = tuple((e.id, e.sentence, e.until, e.reason) for e in document.exemptions)
    sheet = Sheet("exemption", "", _OPEN, rows, "None.")
    return Report(f"{counted(len(rows), 'exemption')} open.", (sheet,), (), document)
