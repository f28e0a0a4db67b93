"""Sites as places, and the steps between them numbered in order of time.

Where a site stands follows from when it was reached first and from nothing else: up to eight places on an
ellipse, clockwise from the left; more in rows that turn at their ends, so that what follows in time is near.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sekisho.model.incidents import Exfiltration, InvestigationDocument
from sekisho.reports.html.lettering import fit
from sekisho.reports.html.map_ways import BOX, WIDTH, Point, Way, Ways
from sekisho.reports.naming import Names
from sekisho.reports.steps import Step
from sekisho.reports.units import size_range

OUTSIDE, NOWHERE = "outside", "no site"
ROUND = 8
"""Places that stand on an ellipse."""
COLUMNS, GAP = 4, 66.0
LABELS = 5
MOST_PLACES = 80
_MARGIN = 14.0
End = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Box:
    """A place. `kind` is that of its surest asset, `apart` where it has none; `lines` stand below its name."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    name: str
    lines: tuple[str, ...]
    title: str
    entry: bool


@dataclass(frozen=True, slots=True)
class IncidentMap:
    """Everything to draw, in units of the picture; `left_out` counts places that were too many."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    ways: tuple[Way, ...]
    left_out: int


class Placing:
    """In which place each host is, and the places in the order in which they were reached."""

    def __init__(self, document: InvestigationDocument, steps: Sequence[Step]) -> None:
        self._sites = {(one.realm or "", one.address): one.site for one in document.scope.assets}
        order: dict[str, None] = {}
        for step in steps:
            order.setdefault(self.of(step.origin, step.origin_site))
            order.setdefault(self.of(step.target, step.target_site))
        for site in document.scope.sites:
            order.setdefault(site)
        for one in document.exfiltration:
            order.update(dict.fromkeys(self.ends(one)))
        self.order = tuple(order)

    def of(self, end: End, site: str | None = None) -> str:
        """The place of a host."""
        if end in self._sites:
            return self._sites[end] or NOWHERE
        return site or OUTSIDE

    def ends(self, left: Exfiltration) -> tuple[str, str]:
        """From which place to which it went; inside the company its ends need not be in scope."""
        where = left.dst_site or (None if left.external else NOWHERE)
        return (
            self.of((left.src_realm or "", left.src), left.src_site),
            self.of((left.dst_realm or "", left.dst), where),
        )


def incident_map(
    document: InvestigationDocument, steps: Sequence[Step], names: Names
) -> IncidentMap | None:
    """The map; None where there is nothing to draw."""
    placing = Placing(document, steps)
    if not placing.order:
        return None
    order = placing.order[:MOST_PLACES]
    centres, height = _layout(len(order))
    at = dict(zip(order, centres, strict=True))
    between: dict[tuple[str, str], list[Step]] = {}
    for step in steps:
        ends = placing.of(step.origin, step.origin_site), placing.of(step.target, step.target_site)
        between.setdefault(ends, []).append(step)
    boxes = tuple(
        _box(name, at[name], document, placing, names, steps, between.get((name, name), ()))
        for name in order
    )
    ways = Ways(at, [(b.x, b.y, b.x + b.width, b.y + b.height) for b in boxes], height)
    for (src, dst), found in between.items():
        if src != dst and src in at and dst in at:
            ways.add(src, dst, _kind(found), label_of(found), _title(src, dst, found, names))
    for (src, dst), text in _left(document, placing).items():
        if src != dst and src in at and dst in at:
            ways.add(src, dst, "left", text, f"{text} left {src} for {dst}")
    return IncidentMap(WIDTH, height, boxes, tuple(ways.drawn), len(placing.order) - len(order))


def label_of(steps: Sequence[Step]) -> str:
    """`1 (2) 5↩`: suspected ones in brackets, those against the direction of their session with a hook."""
    shown = [
        f"({token})" if step.hop.role == "suspected" else token
        for step in steps
        for token in (f"{step.number}{'↩' if step.hop.kind == 'reverse' else ''}",)
    ]
    if len(shown) > LABELS:
        shown = [*shown[: LABELS - 1], f"+{len(shown) - LABELS + 1}"]
    return " ".join(shown)


def _layout(number: int) -> tuple[list[Point], float]:
    wide, high = BOX
    if number == 1:
        return [(WIDTH / 2, high / 2 + _MARGIN)], high + 2 * _MARGIN
    if number <= ROUND:
        across = WIDTH / 2 - wide / 2 - _MARGIN
        down = 60.0 if number == 2 else 105.0 + 17.0 * (number - 3)
        height = 2 * (down + high / 2 + _MARGIN)
        angles = [math.pi + 2 * math.pi * n / number for n in range(number)]
        furthest = max(math.cos(a) for a in angles)
        return [
            (
                round(wide / 2 + _MARGIN + 2 * across * (math.cos(a) + 1) / (furthest + 1), 1),
                round(height / 2 + down * math.sin(a), 1),
            )
            for a in angles
        ], round(height, 1)
    rows = -(-number // COLUMNS)
    step = (WIDTH - wide - 2 * _MARGIN) / (COLUMNS - 1)
    found = []
    for n in range(number):
        row, column = divmod(n, COLUMNS)
        column = COLUMNS - 1 - column if row % 2 else column
        found.append((wide / 2 + _MARGIN + column * step, high / 2 + _MARGIN + row * (high + GAP)))
    return found, rows * (high + GAP) - GAP + 2 * _MARGIN


def _box(
    name: str,
    centre: Point,
    document: InvestigationDocument,
    placing: Placing,
    names: Names,
    steps: Sequence[Step],
    within: Sequence[Step],
) -> Box:
    wide, high = BOX
    room = wide - 22
    assets = [one for one in document.scope.assets if (one.site or NOWHERE) == name]
    lines: list[str] = []
    if name == OUTSIDE:
        parties = _parties(document, placing, steps, names)
        kind, full = "outside", f"{OUTSIDE}: {', '.join(parties[:20])}"
        lines.append(", ".join(parties[:1]) + (f" and {len(parties) - 1} more" if parties[1:] else ""))
    else:
        place = next((one for one in document.places if one.site == name), None)
        confirmed = sum(one.role == "confirmed" for one in assets)
        kind = "confirmed" if confirmed else "suspected" if assets else "apart"
        country = f"{place.country}, " if place else ""
        if not assets:
            lines.append(f"{country}none in scope")
        elif confirmed == len(assets):
            lines.append(f"{country}{confirmed} confirmed")
        elif confirmed:
            lines.append(f"{country}{confirmed} of {len(assets)} confirmed")
        else:
            lines.append(f"{country}{len(assets)} suspected")
        full = f"{name}" + (f" ({place.title})" if place else "")
        full += f": {', '.join(names.short(one.address, one.realm) for one in assets[:20])}"
    if within:
        lines.append(f"within: {label_of(within)}")
    begins = document.entry is not None and name == (document.entry.site or NOWHERE)
    mark = 76.0 if begins else 0.0
    return Box(
        round(centre[0] - wide / 2, 1),
        round(centre[1] - high / 2, 1),
        wide,
        high,
        kind,
        fit(name, room - mark, 17),
        tuple(fit(line, room, 12.5) for line in lines),
        full,
        begins,
    )


def _parties(
    document: InvestigationDocument, placing: Placing, steps: Sequence[Step], names: Names
) -> list[str]:
    ends = [
        names.end(end)
        for step in steps
        for end, site in ((step.origin, step.origin_site), (step.target, step.target_site))
        if placing.of(end, site) == OUTSIDE
    ]
    ends += [
        names.short(one.dst, one.dst_realm)
        for one in document.exfiltration
        if placing.ends(one)[1] == OUTSIDE
    ]
    return list(dict.fromkeys(ends))


def _kind(steps: Iterable[Step]) -> str:
    return "confirmed" if any(step.hop.role == "confirmed" for step in steps) else "suspected"


def _title(src: str, dst: str, steps: Sequence[Step], names: Names) -> str:
    told = [
        f"{step.number}. {names.end(step.origin)} to {names.end(step.target)}, {names.taken(step.hop)}"
        for step in steps[:12]
    ]
    more = [f"and {len(steps) - 12} more"] if len(steps) > 12 else []
    return "\n".join((f"{src} to {dst}", *told, *more))


def _left(document: InvestigationDocument, placing: Placing) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], list[str]] = {}
    for one in document.exfiltration:
        found.setdefault(placing.ends(one), []).append(size_range(one.bytes))
    return {
        ends: sizes[0] + (f" +{len(sizes) - 1}" if sizes[1:] else "") for ends, sizes in found.items()
    }
