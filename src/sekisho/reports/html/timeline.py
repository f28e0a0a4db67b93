"""When it began, link by link, above what the sensors saw at that time.

Positions are percentages of the period, so that the page can be any width without distorting a mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sekisho.model.findings import AuditDocument, Finding
from sekisho.model.verdicts import SEVERITIES
from sekisho.reports.coverage import extent
from sekisho.reports.html.axis import Tick, ticks
from sekisho.reports.html.matrix import NOWHERE
from sekisho.reports.html.strips import Scale, Strip, strips
from sekisho.reports.inventory import InventorySummary
from sekisho.reports.units import Times, counted

LANES = 14
BINS = 160


@dataclass(frozen=True, slots=True)
class Mark:
    """Onsets close together. `radius` grows with their number."""

    at: float
    observed: bool
    severity: str
    radius: float
    label: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One link, or all that have no lane of their own (`src` is empty then)."""

    src: str
    dst: str
    label: str
    findings: int
    severity: str
    begin: float
    width: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Lanes and strips share the ticks."""

    ticks: tuple[Tick, ...]
    lanes: tuple[Lane, ...]
    strips: tuple[Strip, ...]


def timeline(
    document: AuditDocument, inventory: InventorySummary | None, times: Times
) -> Timeline | None:
    """None where there is neither a period nor a finding to draw."""
    period = extent(document.coverage, document.window)
    instants = [f.onset.at for f in document.findings] + [f.last_seen for f in document.findings]
    instants += list(period or ())
    if not instants:
        return None
    begin, end = min(instants), max(instants)
    if end <= begin:
        end = begin + timedelta(hours=1)
    scale = Scale(begin, end)
    lanes = tuple(_lane(scale, key, rows, times) for key, rows in _by_link(document.findings))
    return Timeline(
        ticks(begin, end, times),
        lanes,
        strips(document.coverage, document.window, scale, inventory, times),
    )


def _by_link(findings: Sequence[Finding]) -> list[tuple[tuple[str, str], list[Finding]]]:
    """The worst links first; what does not fit stands together under ('', '')."""
    links: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        key = (finding.src.site or NOWHERE, finding.dst.site or NOWHERE)
        links.setdefault(key, []).append(finding)
    ranked = sorted(
        links.items(), key=lambda entry: (_worst(entry[1]), min(f.onset.at for f in entry[1]))
    )
    if len(ranked) <= LANES:
        return ranked
    rest = [finding for _, rows in ranked[LANES - 1 :] for finding in rows]
    return [*ranked[: LANES - 1], (("", ""), rest)]


def _worst(findings: Iterable[Finding]) -> int:
    return min(SEVERITIES.index(finding.severity) for finding in findings)


def _lane(scale: Scale, key: tuple[str, str], findings: Sequence[Finding], times: Times) -> Lane:
    bins: dict[tuple[int, bool], list[Finding]] = {}
    for finding in findings:
        place = int(scale.at(finding.onset.at) / 100 * BINS)
        bins.setdefault((place, finding.onset.kind == "observed"), []).append(finding)
    begin = scale.at(min(f.onset.at for f in findings))
    last = scale.at(max(f.last_seen for f in findings))
    marks = tuple(_mark(scale, rows, observed, times) for (_, observed), rows in sorted(bins.items()))
    label = f"{key[0]} → {key[1]}" if key[0] else "all other links"
    return Lane(
        *key, label, len(findings), SEVERITIES[_worst(findings)], begin, max(last - begin, 0.0), marks
    )


def _mark(scale: Scale, findings: Sequence[Finding], observed: bool, times: Times) -> Mark:
    first = min(f.onset.at for f in findings)
    number = len(findings)
    how = "seen to begin" if observed else "began on or before"
    what = (
        f"{findings[0].service}, {findings[0].verdict}" if number == 1 else counted(number, "finding")
    )
    label = f"{what}: {how} {times.minute(first)} {times.label}"
    radius = min(5.0 + 0.8 * (number.bit_length() - 1), 8.5)
    return Mark(scale.at(first), observed, SEVERITIES[_worst(findings)], radius, label)
