"""Findings as the page shows them: strings to read, and what to sort by where that differs."""

from __future__ import annotations

from dataclasses import dataclass

from sekisho.model.findings import Bytes, End, Finding
from sekisho.model.verdicts import FOUND, SEVERITIES
from sekisho.reports.html.matrix import NOWHERE
from sekisho.reports.units import Times, count, counted, size_range
from sekisho.reports.wording import automation_texts, kinds, service_text


@dataclass(frozen=True, slots=True)
class Row:
    """`evidence` are (term, texts) pairs. `severity_order` and `verdict_order` count from the worst."""

    finding: Finding
    src_site: str
    dst_site: str
    severity_order: int
    verdict_order: int
    src: str
    dst: str
    service: str
    since: str
    since_kind: str
    last: str
    flows: str
    bytes_out: str
    bytes_in: str
    kinds: tuple[str, ...]
    evidence: tuple[tuple[str, tuple[str, ...]], ...]


def row(finding: Finding, times: Times) -> Row:
    """One finding."""
    order = FOUND.index(finding.verdict) if finding.verdict in FOUND else len(FOUND)
    return Row(
        finding,
        finding.src.site or NOWHERE,
        finding.dst.site or NOWHERE,
        SEVERITIES.index(finding.severity),
        order,
        _host(finding.src),
        _host(finding.dst),
        service_text(finding),
        times.minute(finding.onset.at),
        "observed" if finding.onset.kind == "observed" else "or before",
        times.minute(finding.last_seen),
        count(finding.flows),
        size_range(finding.bytes_out),
        size_range(finding.bytes_in),
        kinds(finding),
        evidence(finding, times),
    )


def evidence(finding: Finding, times: Times) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Everything known about a finding, term by term."""
    nearest, onset = finding.nearest_rule, finding.onset
    rule = f"{nearest.id}: {nearest.why_not}" if nearest else "No rule comes near this connection."
    kind = "seen to begin" if onset.kind == "observed" else "on or before; evidence starts only then"
    terms: list[tuple[str, tuple[str, ...]]] = [
        ("Nearest rule", (rule,)),
        ("Onset", (f"{times.exact(onset.at)} {times.label}, {kind}", *_some(onset.why))),
        (
            "Activity",
            (
                f"{times.exact(finding.first_seen)} to {times.exact(finding.last_seen)} {times.label}",
                f"active on {counted(finding.days_active, 'day')}",
                f"{counted(finding.flows, 'flow')}, {count(finding.established)} of them established",
            ),
        ),
        ("Out, initiator to responder", _volume(finding.bytes_out, finding.payload_out)),
        ("In, responder to initiator", _volume(finding.bytes_in, finding.payload_in)),
        ("Source", _end(finding.src)),
        ("Destination", _end(finding.dst)),
        ("Sensors", (f"{', '.join(finding.sensors) or 'none named'}; {_SEEN_AT[finding.seen_at]}",)),
    ]
    if finding.checks:
        terms.append(("Checks", tuple(f"{check.text} [{check.id}]" for check in finding.checks)))
    if signs := automation_texts(finding):
        terms.append(("Automation", signs))
    if said := kinds(finding):
        terms.append(("Kind", said))
    if finding.opaque:
        terms.append(("Tunnel", (f"{finding.opaque}: what it carries cannot be seen",)))
    terms.append(("Decision", _life(finding, times)))
    return tuple(terms)


_SEEN_AT = {
    "both": "seen at both ends",
    "source_only": "seen at the source's end only, although the other end was being recorded",
    "destination_only": "seen at the destination's end only, although the other end was being recorded",
    "single": "only one point could have seen it",
}


def _host(end: End) -> str:
    return end.asset or (f"{end.realm}:{end.address}" if end.realm else end.address)


def _end(end: End) -> tuple[str, ...]:
    name = f"{end.asset}, {end.address}" if end.asset else end.address
    place = end.site or "belongs to no site"
    place += f" ({end.country})" if end.country else ""
    parts = [name, place]
    if end.realm:
        parts.append(f"realm {end.realm}")
    if end.groups:
        parts.append(f"groups {', '.join(end.groups)}")
    if end.criticality:
        parts.append(f"criticality {end.criticality}")
    return tuple(parts)


def _volume(measured: Bytes, payload: int | None) -> tuple[str, ...]:
    exact = count(measured.low)
    if measured.high != measured.low:
        exact = f"between {exact} and {count(measured.high)}"
    parts = [f"{exact} bytes on the wire"]
    if payload is not None:
        parts.append(f"{count(payload)} bytes of payload")
    return (*parts, *_some(measured.why))


def _life(finding: Finding, times: Times) -> tuple[str, ...]:
    life = finding.life
    parts = [life.status.replace("_", " ") + (f" by {life.who}" if life.who else "")]
    if life.why:
        parts.append(f"“{life.why}”")
    if life.at:
        parts.append(f"on {times.minute(life.at)} {times.label}")
    if life.until:
        parts.append(f"until {times.minute(life.until)} {times.label}")
    if life.assignee:
        parts.append(f"assigned to {life.assignee}")
    if life.reopened:
        parts.append(f"opened again: {life.reopened}")
    return tuple(parts)


def _some(text: str | None) -> tuple[str, ...]:
    return (text,) if text else ()
