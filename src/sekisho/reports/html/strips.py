"""Each sensor's coverage as stretches of a common axis, in percentages of the period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sekisho.model.findings import CoverageItem, Span
from sekisho.reports.coverage import SensorCoverage, per_sensor, strip
from sekisho.reports.inventory import InventorySummary
from sekisho.reports.units import Times, lasting

CELLS = 480
"""More stretches than this are drawn as cells of equal width."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one sensor in one state."""

    begin: float
    width: float
    state: str
    label: str


@dataclass(frozen=True, slots=True)
class Strip:
    """One sensor's coverage."""

    sensor: SensorCoverage
    site: str
    percent: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """From instants to percentages of the period; what lies outside stands at its edge."""

    begin: datetime
    end: datetime

    def at(self, instant: datetime) -> float:
        """0 to 100."""
        share = (instant - self.begin) / (self.end - self.begin)
        return round(100 * min(max(share, 0.0), 1.0), 3)


def strips(
    items: Sequence[CoverageItem],
    window: Span,
    scale: Scale,
    inventory: InventorySummary | None,
    times: Times,
) -> tuple[Strip, ...]:
    """One strip a sensor, by name."""
    sites = (inventory or InventorySummary()).sensors
    rows: dict[str, list[CoverageItem]] = {}
    for item in items:
        rows.setdefault(item.sensor, []).append(item)
    return tuple(
        Strip(s, sites.get(s.sensor, ""), _percent(s.recorded), _pieces(scale, rows[s.sensor], times))
        for s in per_sensor(items, window)
    )


def _pieces(scale: Scale, items: Sequence[CoverageItem], times: Times) -> tuple[Piece, ...]:
    if len(items) > CELLS:
        states = strip(items, scale.begin, scale.end, CELLS)
        width = 100 / CELLS
        return tuple(
            Piece(round(n * width, 3), round(width, 3), state, state.replace("_", " "))
            for n, state in enumerate(states)
            if state != "outside"
        )
    pieces = []
    for item in items:
        begin = scale.at(item.begin)
        width = round(scale.at(item.end) - begin, 3)
        if width <= 0:
            continue
        why = f" ({item.why})" if item.why and item.state != "seen" else ""
        label = (
            f"{item.state.replace('_', ' ')} {times.minute(item.begin)} to {times.minute(item.end)}, "
            f"{lasting(item.end - item.begin)}{why}"
        )
        pieces.append(Piece(begin, width, item.state, label))
    return tuple(pieces)


def _percent(share: float) -> str:
    return f"{int(share * 100)} %"
