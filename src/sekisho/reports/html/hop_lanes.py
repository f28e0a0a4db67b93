"""Every host as a lane, every step as an arrow from lane to lane, from left to right in order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sekisho.model.incidents import InvestigationDocument
from sekisho.reports.html.incident_map import Placing
from sekisho.reports.html.lettering import fit
from sekisho.reports.html.map_ways import WIDTH
from sekisho.reports.naming import Names
from sekisho.reports.steps import Step, service_of
from sekisho.reports.units import Times

MOST_STEPS, MOST_HOSTS = 60, 80
GUTTER, HEAD, LANE = 336.0, 52.0, 23.0
_SITE, _HOST = 150.0, 172.0
_DATE = 46.0
End = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Lane:
    """A host. Its line runs from `begin` on, where it was first part of it; `site` is said once a place."""

    y: float
    site: str
    host: str
    title: str
    begin: float
    band: bool


@dataclass(frozen=True, slots=True)
class Arrow:
    """A step from the lane at `y1` to the lane at `y2`."""

    x: float
    y1: float
    y2: float
    number: int
    kind: str
    reverse: bool
    day: str
    title: str


@dataclass(frozen=True, slots=True)
class HopLanes:
    """Everything to draw; `left_out` counts the steps that were too many."""

    width: float
    height: float
    lanes: tuple[Lane, ...]
    arrows: tuple[Arrow, ...]
    left_out: int


def hop_lanes(
    document: InvestigationDocument, steps: Sequence[Step], names: Names, times: Times
) -> HopLanes | None:
    """The picture; None without a step. The first `MOST_STEPS` are drawn, of at most `MOST_HOSTS` hosts."""
    kept = _kept(steps)
    if not kept:
        return None
    placing = Placing(document, steps)
    places: dict[str, dict[End, float]] = {name: {} for name in placing.order}
    apart = min(64.0, (WIDTH - GUTTER - 24) / len(kept))
    at = {step.number: GUTTER + 18 + n * apart for n, step in enumerate(kept)}
    for step in kept:
        for end, site in ((step.origin, step.origin_site), (step.target, step.target_site)):
            places[placing.of(end, site)].setdefault(end, at[step.number])
    lanes: list[Lane] = []
    rows: dict[End, float] = {}
    band = False
    for place, hosts in places.items():
        band = not band if hosts else band
        for n, (end, begin) in enumerate(hosts.items()):
            y = HEAD + (len(lanes) + 0.5) * LANE
            rows[end] = y
            site = fit(place, _SITE, 13.6) if n == 0 else ""
            host = fit(names.end(end), _HOST, 12.5)
            full = names.host(end[1], end[0], place)
            lanes.append(Lane(y, site, host, full, round(begin, 1), band))
    arrows: list[Arrow] = []
    last, day = -_DATE, ""
    for step in kept:
        x, today = at[step.number], times.day(step.hop.at)
        label = ""
        if today != day and x - last >= _DATE:
            label, last, day = today[5:], x, today
        arrows.append(_arrow(step, x, rows, names, label))
    height = HEAD + len(lanes) * LANE + 6
    return HopLanes(WIDTH, height, tuple(lanes), tuple(arrows), len(steps) - len(kept))


def _kept(steps: Sequence[Step]) -> list[Step]:
    kept: list[Step] = []
    hosts: set[End] = set()
    for step in steps[:MOST_STEPS]:
        hosts |= {step.origin, step.target}
        if len(hosts) > MOST_HOSTS:
            break
        kept.append(step)
    return kept


def _arrow(step: Step, x: float, rows: dict[End, float], names: Names, day: str) -> Arrow:
    hop = step.hop
    title = (
        f"{step.number}. {names.end(step.origin)} to {names.end(step.target)} by {service_of(hop)},"
        f" {names.taken(hop, step.target_site)}, {hop.role}"
    )
    reverse = hop.kind == "reverse"
    return Arrow(
        round(x, 1), rows[step.origin], rows[step.target], step.number, hop.role, reverse, day, title
    )
