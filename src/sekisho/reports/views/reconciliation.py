"""Both ends compared: pairs of sites that differ, why, and how the sensors' clocks stand."""

from __future__ import annotations

from sekisho.model.reconciliation import (
    EXPLANATIONS,
    Reconciliation,
)
from sekisho.reports.base import Cell, Column, Sheet
from sekisho.reports.reconciliation import clock_text, differing, summary, word
from sekisho.reports.screen import Screen
from sekisho.reports.units import counted

ASTRAY = 1.0
"""Seconds from which a clock is told of where there is little room."""


def pairs_sheet(found: Reconciliation | None) -> Sheet:
    """Every pair of sites with sensors at both edges, in connection-days."""
    columns = (
        Column("src_site", "From"),
        Column("dst_site", "To"),
        Column("connection_days", "Connection-days", "count"),
        Column("both", "Both ends", "count"),
        Column("partly", "Partly", "count"),
        Column("source_only", "Source only", "count"),
        Column("destination_only", "Destination only", "count"),
        Column("neither", "At neither edge", "count"),
        *(Column(name, word(name), "count") for name in EXPLANATIONS),
        Column("one_sided", "Unexplained", "count"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            pair.src_site,
            pair.dst_site,
            pair.connection_days,
            pair.both,
            pair.partly,
            pair.source_only,
            pair.destination_only,
            pair.neither,
            *(pair.explained.get(name, 0) for name in EXPLANATIONS),
            pair.one_sided,
        )
        for pair in (found.pairs if found else ())
    ]
    empty = "No connection between two sites that both have a sensor at their edge."
    return Sheet("reconciliation", "Both ends", columns, rows, empty)


def clocks_sheet(found: Reconciliation | None) -> Sheet:
    """How far every sensor's clock is ahead."""
    columns = (
        Column("sensor", "Sensor"),
        Column("clock", "Clock"),
        Column("offset", "Seconds ahead"),
        Column("spread", "Spread, seconds"),
        Column("flows", "Flows compared", "count"),
    )
    rows = [
        (
            clock.sensor,
            clock_text(clock),
            "" if clock.offset is None else f"{clock.offset:.6f}",
            f"{clock.spread:.6f}",
            clock.flows,
        )
        for clock in (found.clocks if found else ())
    ]
    return Sheet("clock", "Clocks", columns, rows, "No sensor shares a flow with another.")


def show_reconciliation(found: Reconciliation | None, screen: Screen) -> None:
    """The sentence, the links with something unexplained, and clocks that are astray."""
    if found is None:
        return
    screen.line()
    screen.line(screen.text("Both ends", "bold"))
    screen.line(summary(found))
    open_ = [pair for pair in differing(found) if pair.one_sided]
    limit = screen.options.limit
    shown = open_ if limit is None else open_[:limit]
    screen.notes(
        [
            f"{pair.src_site} {screen.glyphs.arrow} {pair.dst_site}: "
            f"{counted(pair.one_sided, 'connection-day')} recorded at one end only, unexplained"
            for pair in shown
        ]
    )
    screen.more(len(open_) - len(shown))
    astray = [
        f"{clock.sensor} {clock_text(clock)}"
        for clock in found.clocks
        if clock.offset is not None and abs(clock.offset) >= ASTRAY
    ]
    if astray:
        screen.notes([f"clocks (measured, allowed for): {', '.join(astray)}"])
