"""Coverage: a strip for each sensor, and the stretches in which it recorded nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.text import Text

from sekisho.audit.coverage import CoverageDocument
from sekisho.model.findings import CoverageItem, Span
from sekisho.reports.base import Column, Options, Sheet
from sekisho.reports.coverage import SensorCoverage, extent, per_sensor, strip
from sekisho.reports.headline import unseen_clause
from sekisho.reports.html.coverage import render_coverage
from sekisho.reports.pairs import dark_clause, links_of
from sekisho.reports.screen import STATE, Screen
from sekisho.reports.units import Times, lasting
from sekisho.reports.view import View
from sekisho.reports.views.pairs import pair_sheet, show_pairs, show_unmapped, unmapped_sheet

COLUMNS = (
    Column("sensor", "Sensor"),
    Column("from", "From", "time"),
    Column("to", "To", "time"),
    Column("state", "State", "state"),
    Column("flows", "Flows", "count"),
    Column("lost", "Lost on the way", "count"),
    Column("why", "Why"),
)
GAPS_SHOWN = 10
SENSORS_NAMED = 3
Stretch = tuple[datetime, datetime, str]
"""From, to, and why where a reason is known."""
_STYLE = {"partly": "yellow", "outside": "", **STATE}


def coverage_sheet(items: Sequence[CoverageItem]) -> Sheet:
    """Every merged stretch."""
    rows = [(i.sensor, i.begin, i.end, i.state, i.flows, i.lost, i.why) for i in items]
    return Sheet("coverage", "Coverage", COLUMNS, rows, "Nothing was recorded by any sensor.")


def show_coverage(items: Sequence[CoverageItem], window: Span, screen: Screen) -> None:
    """A strip per sensor as wide as the screen allows, what its signs mean, and the gaps."""
    period = extent(items, window)
    if period is None or not items:
        screen.line("Nothing was recorded by any sensor.")
        return
    begin, end = period
    sensors = per_sensor(items, window)
    name_width = min(max(len(screen.safe(sensor.sensor)) for sensor in sensors), 22)
    cells = max(10, min(100, screen.width - name_width - 8))
    by_name: dict[str, list[CoverageItem]] = {}
    for item in items:
        by_name.setdefault(item.sensor, []).append(item)
    times = screen.times
    left, right = times.minute(begin), f"{times.minute(end)} {times.label}"
    between = " " * max(1, cells - len(left) - len(right))
    screen.line(screen.text(" " * (name_width + 2) + left + between + right, "dim"))
    for sensor in sensors:
        name = screen.safe(sensor.sensor)
        name = name if len(name) <= name_width else name[: name_width - 1] + "~"
        line = Text(name.ljust(name_width) + "  ", no_wrap=True)
        for state in strip(by_name[sensor.sensor], begin, end, cells):
            sign = " " if state == "outside" else str(getattr(screen.glyphs, state))
            line.append(sign, style=_STYLE[state])
        line.append(f" {_percent(sensor.recorded):>4}")
        screen.line(line)
    signs = screen.glyphs
    legend = (
        f"{signs.seen} seen  {signs.quiet} quiet  {signs.partly} partly  {signs.no_data} no data",
        f"one sign is {lasting((end - begin) / cells)}",
    )
    for text in legend:
        screen.line(screen.text(" " * (name_width + 2) + text, "dim"))
    _show_gaps(sensors, screen)
    _show_losses(sensors, screen)


def _show_gaps(sensors: Sequence[SensorCoverage], screen: Screen) -> None:
    """The longest gaps first; sensors that share one share a line."""
    shared: dict[Stretch, list[str]] = {}
    for sensor in sensors:
        why = f": {'; '.join(sensor.reasons)}" if sensor.never and sensor.reasons else ""
        for first, last in sensor.gaps:
            shared.setdefault((first, last, why), []).append(sensor.sensor)
    gaps = sorted(shared.items(), key=lambda gap: (gap[0][0] - gap[0][1], gap[0]))
    times = screen.times
    for (first, last, why), names in gaps[:GAPS_SHOWN]:
        stretch = f"{times.minute(first)} to {times.minute(last)} ({lasting(last - first)})"
        many = len(names) > SENSORS_NAMED
        who = f"{len(names)} sensors" if many else ", ".join(names)
        screen.notes([f"{who}: no data {stretch}{why}"])
    if len(gaps) > GAPS_SHOWN:
        screen.notes([f"and {len(gaps) - GAPS_SHOWN} shorter gaps; the other formats give all"])


def _show_losses(sensors: Sequence[SensorCoverage], screen: Screen) -> None:
    """What exporters sent and nobody received, most first."""
    lossy = sorted((one for one in sensors if one.lost), key=lambda one: (-one.lost, one.sensor))
    for one in lossy[:GAPS_SHOWN]:
        screen.notes([f"{one.sensor}: {one.lost:,} lost on the way, by its sequence numbers"])
    if len(lossy) > GAPS_SHOWN:
        screen.notes([f"and {len(lossy) - GAPS_SHOWN} sensors that lost less"])


class CoverageView(View[CoverageDocument]):
    """What every sensor saw."""

    name = "coverage"

    def headline(self, document: CoverageDocument, times: Times) -> str:
        """Links that nobody watches before all else, then how many sensors have gaps."""
        sensors = per_sensor(document.coverage, document.window)
        dark = dark_clause(links_of(document.pairs))
        if not document.sensors and document.pairs:
            # Of a site without sensors the links can be watched from the other end.
            none = "There is no sensor; what is watched is watched from the other end."
            return f"{dark[0].upper()}{dark[1:]}. {none}" if dark else none
        if not sensors or all(sensor.never for sensor in sensors):
            return "Nothing was recorded by any sensor."
        missed = unseen_clause(sensors)
        said = [f"{text[0].upper()}{text[1:]}." for text in (dark, missed) if text]
        return " ".join(said) or "Every sensor recorded throughout."

    def sheets(self, document: CoverageDocument) -> tuple[Sheet, ...]:
        """Sensors, links and addresses of no site."""
        return (
            coverage_sheet(document.coverage),
            pair_sheet(document.pairs),
            unmapped_sheet(document.unmapped),
        )

    def page(self, document: CoverageDocument, options: Options) -> str:
        """Strips and the table."""
        return render_coverage(document, self.headline(document, options.times), options)

    def show(self, document: CoverageDocument, screen: Screen) -> None:
        """The headline, the links, addresses of no site, and the sensors' strips."""
        screen.headline(self.headline(document, screen.times))
        screen.line()
        if document.pairs:
            show_pairs(links_of(document.pairs), screen)
        screen.notes(document.notes)
        show_unmapped(document.unmapped, screen)
        if extent(document.coverage, document.window) is None or not document.coverage:
            # The headline has said so.
            return
        if document.pairs:
            screen.line()
            screen.line(screen.text("What each sensor recorded", "bold"))
        show_coverage(document.coverage, document.window, screen)


def _percent(share: float) -> str:
    """Rounded down, so that 100% means all of it."""
    return f"{int(share * 100)}%"
