"""What a plan would cut, as people read it."""

from __future__ import annotations

from sekisho.model.findings import Bytes, End
from sekisho.model.previews import CutConnection, PreviewDocument
from sekisho.reports.base import Cell, Column, Report, Sheet
from sekisho.reports.plans import limits
from sekisho.reports.units import counted, size_range

_SHARES = (
    Column("rule", "Rule"),
    Column("owner", "Owner"),
    Column("tier", "Tier"),
    Column("verdict", "Verdict", "verdict"),
    Column("connections", "Connections", "count"),
    Column("bytes", "Volume"),
    Column("critical", "Critical", "count"),
)
_CONNECTIONS = (
    Column("rule", "Rule"),
    Column("ends", "From, to"),
    Column("service", "Service"),
    Column("volume", "Out, in"),
    Column("last_seen", "Last seen", "time"),
)
_FINDINGS = (
    Column("severity", "Severity", "severity"),
    Column("id", "Finding", "code"),
    Column("ends", "From, to"),
    Column("service", "Service"),
)
_PAIRS = (
    Column("from", "From"),
    Column("to", "To"),
    Column("connections", "Connections", "count"),
    Column("findings", "Findings", "count"),
    Column("why", "Why nobody stops it"),
)


_STAGES = (
    Column("number", "Stage", "count"),
    Column("sites", "Sites"),
    Column("gateways", "Gateways"),
    Column("goes_on", "Goes on there", "count"),
)


def preview_report(document: PreviewDocument) -> Report:
    """One preview: the rules that lose, the findings that end, and what goes on although it is severed."""
    shares = tuple(
        (
            share.rule,
            share.owner,
            share.tier,
            share.verdict,
            share.connections,
            _bytes(share.bytes),
            share.critical,
        )
        for share in document.by_rule
    )
    connections = tuple(_row(one) for one in document.cut)
    findings = tuple(
        (f.severity, f.id, f"{f.src} -> {f.dst}", f.service) for f in document.stopped_findings
    )
    pairs = tuple(
        (p.begin, p.end, len(p.connections), len(p.findings), p.why) for p in document.unenforceable
    )
    every: tuple[Sheet, ...] = (
        Sheet("rule", "What ends, by rule", _SHARES, shares, "Nothing that was seen would end."),
        Sheet("finding", "Findings that end", _FINDINGS, findings, "No finding would end."),
        Sheet("unenforceable", "Goes on although it is severed", _PAIRS, pairs, "Nothing."),
        Sheet("connection", "Connections that end", _CONNECTIONS, connections, "None."),
    )
    notes: tuple[str, ...] = (*document.warnings, *document.notes, f"hash {document.hash}")
    if document.staging is not None:
        stages = tuple(
            (one.number, "; ".join(one.sites), ", ".join(one.gateways), one.goes_on)
            for one in document.staging.stages
        )
        every = (Sheet("stage", "Told one after the other", _STAGES, stages, ""), *every)
        notes = (limits(document.staging), *notes)
    return Report(_headline(document), every, notes, document)


def _headline(document: PreviewDocument) -> str:
    seldom = sum(one.seldom for one in document.cut)
    window = document.window.begin
    since = f"{window:%d %B %Y}" if window else "the beginning"
    more = f", {seldom:,} of them not since {since}" if seldom else ""
    left = sum(len(pair.connections) for pair in document.unenforceable)
    on = f"; {counted(left, 'severed connection')} would go on" if left else ""
    return (
        f"{document.plan} would end {counted(len(document.cut), 'connection')} seen in the last year{more},"
        f" and {counted(len(document.stopped_findings), 'finding')}{on}."
    )


def _row(one: CutConnection) -> tuple[Cell, ...]:
    volume = f"{_bytes(one.bytes_out)}, {_bytes(one.bytes_in)}"
    ends = f"{_end(one.src)} -> {_end(one.dst)}"
    return one.rule, ends, one.service, volume, one.last_seen


def _end(end: End) -> str:
    name = end.asset or end.address
    return f"{end.site} {name}" if end.site else name


def _bytes(found: Bytes) -> str:
    return size_range(found)
