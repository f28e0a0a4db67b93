"""Both ends compared: pairs of sites that differ, why, and how the sensors' clocks stand."""

from __future__ import annotations

from sekisho.model.reconciliation import (
    EXPLANATIONS,
    Clock,
    PairReconciliation,
    Reconciliation,
)
from sekisho.reports.base import Cell, Column, Sheet
from sekisho.reports.screen import Screen
from sekisho.reports.units import count, counted

_NAMES = {"nat": "NAT"}
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
        *(Column(name, _NAMES.get(name, name), "count") for name in EXPLANATIONS),
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


def clock_text(clock: Clock) -> str:
    """`137.0 s ahead`, `0.840 s behind`, `not measured`."""
    if clock.offset is None:
        return "not measured: it shares no flow with another sensor"
    size = abs(clock.offset)
    if size < 0.001:
        return "right to a millisecond"
    return f"{size:.3g} s {'ahead' if clock.offset > 0 else 'behind'}"


def differing(found: Reconciliation | None) -> list[PairReconciliation]:
    """Pairs of which an end lacks something, those with something unexplained first."""
    pairs = [pair for pair in (found.pairs if found else ()) if pair.both < pair.connection_days]
    return sorted(pairs, key=lambda pair: (-pair.one_sided, pair.src_site, pair.dst_site))


def summary(found: Reconciliation) -> str:
    """One sentence on all pairs."""
    days = sum(pair.connection_days for pair in found.pairs)
    if not days:
        return "No connection could be compared at both ends: no two sites have sensors at their edge."
    both = sum(pair.both for pair in found.pairs)
    text = f"{count(both)} of {counted(days, 'connection-day')} were recorded whole at both ends"
    reasons = []
    for name in EXPLANATIONS:
        number = sum(pair.explained.get(name, 0) for pair in found.pairs)
        if number:
            reasons.append(f"{count(number)} by {_NAMES.get(name, name)}")
    if reasons:
        text += f"; differences explained: {', '.join(reasons)}"
    open_ = sum(pair.one_sided for pair in found.pairs)
    return f"{text}; {count(open_) if open_ else 'none'} unexplained."


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
