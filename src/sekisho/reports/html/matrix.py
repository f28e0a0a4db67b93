"""Site to site: how many findings, how bad, and where nobody was looking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sekisho.model.findings import AuditDocument, Finding, Link
from sekisho.model.verdicts import FOUND, SEVERITIES
from sekisho.reports.inventory import InventorySummary
from sekisho.reports.units import counted

LARGEST = 32
"""Sites a side that still read on one screen."""
NOWHERE = "no site"
State = Literal["found", "clear", "silent", "unseen"]
Pair = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Square:
    """One direction between two sites. `label` says in words what colour and number show."""

    src: str
    dst: str
    state: State
    findings: int
    severity: str
    verdict: str
    label: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A site as row and column. `blind` says why it sees nothing, empty where it does."""

    name: str
    title: str
    country: str
    blind: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """`rows` pairs each heading with its squares, in the headings' order; `left_out` are names."""

    headings: tuple[Heading, ...]
    rows: tuple[tuple[Heading, tuple[Square, ...]], ...]
    left_out: tuple[str, ...]


def matrix(document: AuditDocument, inventory: InventorySummary | None) -> Matrix:
    """The matrix of all sites that occur or are known; of the worst `LARGEST` where there are more."""
    inventory = inventory or InventorySummary()
    by_pair: dict[Pair, list[Finding]] = {}
    for finding in document.findings:
        by_pair.setdefault((finding.src.site, finding.dst.site), []).append(finding)
    links = {(link.src_site, link.dst_site): link for link in document.links}
    names = _names([*by_pair, *links], inventory)
    kept = _worst(names, by_pair) if len(names) > LARGEST else names
    recorded = _recorded(document, inventory)
    headings = tuple(_heading(name, inventory, recorded) for name in kept)
    rows = tuple(
        (
            heading,
            tuple(
                _square((src, dst), by_pair.get((src, dst), ()), links.get((src, dst)), recorded)
                for dst in kept
            ),
        )
        for heading, src in zip(headings, kept, strict=True)
    )
    return Matrix(headings, rows, tuple(name or NOWHERE for name in names if name not in kept))


def _names(pairs: Iterable[Pair], inventory: InventorySummary) -> list[str | None]:
    met = {name for pair in pairs for name in pair} | set(inventory.sites)
    return [*sorted(name for name in met if name is not None), *([None] if None in met else [])]


def _worst(names: Sequence[str | None], by_pair: Mapping[Pair, Sequence[Finding]]) -> list[str | None]:
    weight: dict[str | None, list[int]] = {}
    for pair, findings in by_pair.items():
        for name in pair:
            score = weight.setdefault(name, [0] * len(SEVERITIES))
            for finding in findings:
                score[SEVERITIES.index(finding.severity)] += 1
    ranked = sorted(names, key=lambda name: weight.get(name, [0] * len(SEVERITIES)), reverse=True)
    kept = set(ranked[:LARGEST])
    return [name for name in names if name in kept]


def _recorded(document: AuditDocument, inventory: InventorySummary) -> dict[str, bool]:
    """For each site with a sensor, whether any of them recorded at all."""
    alive = {item.sensor for item in document.coverage if item.state != "no_data"}
    found: dict[str, bool] = {}
    for sensor, site in inventory.sensors.items():
        found[site] = found.get(site, False) or sensor in alive
    return found


def _heading(name: str | None, inventory: InventorySummary, recorded: Mapping[str, bool]) -> Heading:
    if name is None:
        return Heading(NOWHERE, "addresses of no site", "", "")
    site = inventory.sites.get(name)
    blind = ""
    if inventory.sensors and not recorded.get(name, False):
        blind = "no data" if name in recorded else "no sensor"
    return Heading(name, site.title if site else "", site.country if site else "", blind)


def _square(
    pair: Pair, findings: Sequence[Finding], link: Link | None, recorded: Mapping[str, bool]
) -> Square:
    src, dst = pair[0] or NOWHERE, pair[1] or NOWHERE
    way = f"{src} to {dst}"
    if findings:
        severity = min((f.severity for f in findings), key=SEVERITIES.index)
        verdict = min(
            (f.verdict for f in findings), key=lambda v: FOUND.index(v) if v in FOUND else len(FOUND)
        )
        label = (
            f"{way}: {counted(len(findings), 'finding')}, worst {severity}, {verdict.replace('_', ' ')}"
        )
        return Square(src, dst, "found", len(findings), severity, verdict, label)
    if link is not None and link.connections:
        text = f"{way}: nothing found in {counted(link.connections, 'connection')}"
        return Square(src, dst, "clear", 0, "", "", text)
    if src == dst:
        return Square(src, dst, "silent", 0, "", "", f"inside {src}: nothing found")
    looked = not recorded or recorded.get(src, False) or recorded.get(dst, False)
    if looked:
        return Square(src, dst, "silent", 0, "", "", f"{way}: no connection seen")
    return Square(src, dst, "unseen", 0, "", "", f"{way}: no sensor of either site recorded anything")
