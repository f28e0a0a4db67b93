"""Links between sites week by week, and prefixes that belong to no site, on a terminal and as tables."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from sekisho.model.coverage import PairWeek, Unmapped
from sekisho.reports.base import Cell, Column, Sheet
from sekisho.reports.glyphs import Glyphs
from sekisho.reports.pairs import Links, Row, listed
from sekisho.reports.screen import Screen
from sekisho.reports.units import count, counted


def _end_columns(end: str) -> tuple[Column, ...]:
    side = end.upper()
    return (
        Column(f"{end}_hours", f"Hours at {side}", "count"),
        Column(f"{end}_share", f"Share at {side}", "count"),
        Column(f"{end}_sensors", f"Sensors at {side}", "code"),
        Column(f"{end}_flows", f"Flows at {side}", "count"),
        Column(f"{end}_lost", f"Lost at {side}", "count"),
    )


PAIR_COLUMNS = (
    Column("link", "Link", "code"),
    Column("week", "Week", "time"),
    Column("state", "Watched at", "state"),
    Column("hours", "Hours", "count"),
    Column("unwatched", "Unwatched", "count"),
    *_end_columns("a"),
    *_end_columns("b"),
    Column("transit", "Seen in transit by", "code"),
    Column("inside", "Seen inside by", "code"),
)
UNMAPPED_COLUMNS = (
    Column("prefix", "Prefix", "code"),
    Column("hosts", "Hosts", "count"),
    Column("connections", "Connections", "count"),
    Column("first_seen", "First seen", "time"),
    Column("last_seen", "Last seen", "time"),
    Column("sites", "Talks to"),
    Column("sensors", "Seen by", "code"),
    Column("flows", "Flows", "count"),
    Column("realm", "Realm"),
)
SHOWN = ("prefix", "hosts", "connections", "last_seen", "sites")
PREFIXES_SHOWN = 10
NAME = 34
_STYLE = {"both": "green", "one": "yellow", "transit": "yellow", "none": "bold red", "outside": ""}


def pair_sheet(pairs: Sequence[PairWeek]) -> Sheet:
    """Every link in every week."""
    rows = []
    for pair in pairs:
        ends = [
            value
            for end in pair.ends
            for value in (end.hours, end.share, " ".join(end.sensors), end.flows, end.lost)
        ]
        head = (pair.link, pair.week, pair.state, pair.hours, pair.unwatched)
        rows.append((*head, *ends, " ".join(pair.transit), " ".join(pair.inside)))
    return Sheet("pair", "Links between sites", PAIR_COLUMNS, rows, "There are no two sites.")


def unmapped_sheet(unmapped: Unmapped) -> Sheet:
    """Every prefix that is named."""
    rows = [
        (
            one.prefix,
            one.hosts,
            one.connections,
            one.first_seen,
            one.last_seen,
            ", ".join(one.sites),
            " ".join(one.sensors),
            one.flows,
            one.realm,
        )
        for one in unmapped.prefixes
    ]
    empty = "No address that belongs to no site talks to one."
    return Sheet("unmapped", "Addresses of no site", UNMAPPED_COLUMNS, rows, empty)


def show_pairs(links: Links, screen: Screen) -> None:
    """A row a link, a sign a week. Where there are more links than the limit, those alike share a row."""
    if not links.rows:
        return
    limit = screen.options.limit
    many = limit is not None and len(links.rows) > limit
    rows = links.grouped() if many else links.rows
    shown, more = (rows[:limit], len(rows[limit:])) if many else (rows, 0)
    width = min(NAME, max(len(screen.safe(row.name)) for row in shown))
    room = max(1, screen.width - width - 2 - len("  99 weeks dark"))
    weeks = links.weeks[-room:]
    screen.line(screen.text("Links between sites, week by week", "bold"))
    days = f"{screen.times.day(weeks[0])} to {screen.times.day(weeks[-1])}"
    left_out = len(links.weeks) - len(weeks)
    before = f", {counted(left_out, 'earlier week')} left out" if left_out else ""
    screen.line(screen.text(f"{' ' * (width + 2)}weeks of {days}{before}", "dim"))
    for row in shown:
        screen.line(_line(row, width, len(weeks), screen))
    signs = screen.glyphs
    legend = (
        f"{signs.seen} both ends watched  {signs.partly} one end  {signs.no_data} nobody",
        f"{signs.quiet} seen in transit or inside only",
    )
    for text in legend[: 2 if any("transit" in row.cells for row in rows) else 1]:
        screen.line(screen.text(" " * (width + 2) + text, "dim"))
    if many:
        together = [row for row in shown if len(row.links) > 1 and row.unwatched]
        screen.notes(
            f"{row.name}: {listed([' <-> '.join(link) for link in row.links])}" for row in together
        )
        rest = f"and {counted(more, 'more row')}; " if more else ""
        screen.notes([f"{rest}{count(len(links.rows))} links: --all shows each, JSON gives all"])


def _line(row: Row, width: int, weeks: int, screen: Screen) -> Text:
    name = screen.safe(row.name)
    name = name if len(name) <= width else name[: width - 1] + "~"
    line = Text(name.ljust(width) + "  ", no_wrap=True)
    for state in row.cells[-weeks:]:
        line.append(_sign(state, screen.glyphs), style=_STYLE[state])
    if row.unwatched:
        line.append(f"  {counted(row.unwatched, 'week')} dark", style="bold red")
    return line


def _sign(state: str, glyphs: Glyphs) -> str:
    signs = {
        "both": glyphs.seen,
        "one": glyphs.partly,
        "none": glyphs.no_data,
        "transit": glyphs.quiet,
    }
    return signs.get(state, " ")


def show_unmapped(unmapped: Unmapped, screen: Screen) -> None:
    """The prefixes with the most connections, in the columns that fit."""
    if not unmapped.prefixes:
        return
    sheet = unmapped_sheet(unmapped)
    places = [[column.key for column in sheet.columns].index(key) for key in SHOWN]
    limit = screen.options.limit
    rows = sheet.rows if limit is None else sheet.rows[:PREFIXES_SHOWN]
    columns = tuple(sheet.columns[place] for place in places)
    screen.sheet(
        Sheet(
            sheet.name, sheet.title, columns, [[_cell(row[place]) for place in places] for row in rows]
        )
    )
    if (rest := unmapped.total - len(rows)) > 0:
        screen.notes([f"and {counted(rest, 'more prefix', 'more prefixes')}"])


def _cell(value: Cell) -> Cell:
    """Sites beyond the first few are counted."""
    names = value.split(", ") if isinstance(value, str) else []
    return listed(names) if len(names) > 1 else value
