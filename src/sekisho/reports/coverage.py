"""What the sensors saw, added up and drawn as strips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sekisho.model.findings import CoverageItem, Span

CellState = Literal["seen", "quiet", "no_data", "partly", "outside"]
"""`partly`: some of the cell is without data; `outside`: the inventory has no such sensor then."""
ZERO = timedelta()


@dataclass(frozen=True, slots=True)
class SensorCoverage:
    """One sensor's time by state, and the stretches without data, clipped to the window."""

    sensor: str
    seen: timedelta
    quiet: timedelta
    no_data: timedelta
    gaps: tuple[tuple[datetime, datetime], ...]
    flows: int
    reasons: tuple[str, ...]
    lost: int = 0

    @property
    def recorded(self) -> float:
        """The part of its time that it recorded, 0 to 1; 0 where it had none."""
        whole = self.seen + self.quiet + self.no_data
        return (self.seen + self.quiet) / whole if whole else 0.0

    @property
    def never(self) -> bool:
        """It recorded nothing at all."""
        return self.seen + self.quiet == ZERO


def extent(items: Iterable[CoverageItem], window: Span) -> tuple[datetime, datetime] | None:
    """The period a report is about: the window, open ends filled from what coverage there is."""
    items = tuple(items)
    begin = window.begin or min((item.begin for item in items), default=None)
    end = window.end or max((item.end for item in items), default=None)
    if begin is None or end is None or begin >= end:
        return None
    return begin, end


def per_sensor(items: Iterable[CoverageItem], window: Span) -> tuple[SensorCoverage, ...]:
    """Every sensor's sums, by name."""
    by_name: dict[str, list[CoverageItem]] = {}
    for item in items:
        by_name.setdefault(item.sensor, []).append(item)
    return tuple(_sums(name, rows, window) for name, rows in sorted(by_name.items()))


def strip(
    items: Iterable[CoverageItem], begin: datetime, end: datetime, cells: int
) -> tuple[CellState, ...]:
    """The period cut into equal cells. A cell with less than its whole time recorded says so."""
    width = (end - begin) / cells
    spent: list[dict[str, timedelta]] = [{} for _ in range(cells)]
    for item in items:
        first, last = max(item.begin, begin), min(item.end, end)
        if first >= last:
            continue
        for place in range(int((first - begin) / width), min(cells, int((last - begin) / width) + 1)):
            low, high = begin + width * place, begin + width * (place + 1)
            share = min(last, high) - max(first, low)
            if share > ZERO:
                spent[place][item.state] = spent[place].get(item.state, ZERO) + share
    return tuple(_state(cell) for cell in spent)


def _state(cell: dict[str, timedelta]) -> CellState:
    recorded = cell.get("seen", ZERO) + cell.get("quiet", ZERO)
    if not cell:
        return "outside"
    if "no_data" in cell:
        return "partly" if recorded else "no_data"
    return "seen" if "seen" in cell else "quiet"


def _sums(name: str, items: Sequence[CoverageItem], window: Span) -> SensorCoverage:
    sums = {"seen": ZERO, "quiet": ZERO, "no_data": ZERO}
    gaps: list[tuple[datetime, datetime]] = []
    reasons: list[str] = []
    flows = lost = 0
    for item in sorted(items, key=lambda row: row.begin):
        first = max(item.begin, window.begin) if window.begin else item.begin
        last = min(item.end, window.end) if window.end else item.end
        if first >= last:
            continue
        sums[item.state] += last - first
        flows += item.flows
        lost += item.lost
        if item.state == "no_data":
            if gaps and gaps[-1][1] == first:
                gaps[-1] = (gaps[-1][0], last)
            else:
                gaps.append((first, last))
            if item.why and item.why not in reasons:
                reasons.append(item.why)
    return SensorCoverage(
        name,
        sums["seen"],
        sums["quiet"],
        sums["no_data"],
        tuple(gaps),
        flows,
        tuple(reasons),
        lost,
    )
