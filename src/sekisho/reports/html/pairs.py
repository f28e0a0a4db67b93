"""The picture of links between sites: a lane a link, a stretch a run of weeks that are alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sekisho.reports.html.strips import Piece, Scale
from sekisho.reports.pairs import CellState, Links, Row, listed
from sekisho.reports.units import Times, count

MOST = 80
"""More links than this are drawn with those that are alike in one lane."""
WEEK = timedelta(days=7)
_WORDS: dict[CellState, str] = {
    "both": "watched at both ends",
    "one": "watched at one end",
    "transit": "watched at neither end, seen in transit or inside",
    "none": "nobody watched",
}


@dataclass(frozen=True, slots=True)
class Lane:
    """One link, or several that are alike: what they are called, which they are, and their weeks."""

    name: str
    links: str
    dark: str
    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """`begin` and `end` bound the weeks; `grouped` says that lanes stand for several links."""

    begin: datetime
    end: datetime
    lanes: tuple[Lane, ...]
    grouped: bool


def picture(links: Links, times: Times) -> Picture | None:
    """None where there are no two sites, or nothing is known of any week."""
    if not links.rows:
        return None
    begin, end = links.weeks[0], links.weeks[-1] + WEEK
    grouped = len(links.rows) > MOST
    rows = links.grouped() if grouped else links.rows
    scale = Scale(begin, end)
    lanes = tuple(_lane(row, links.weeks, scale, times) for row in rows)
    return Picture(begin, end, lanes, grouped)


def _lane(row: Row, weeks: tuple[datetime, ...], scale: Scale, times: Times) -> Lane:
    pieces = []
    for state, run in groupby(zip(weeks, row.cells, strict=True), key=lambda cell: cell[1]):
        if state == "outside":
            continue
        own = [week for week, _ in run]
        first, last = scale.at(own[0]), scale.at(own[-1] + WEEK)
        label = f"{_WORDS[state]} {times.day(own[0])} to {times.day(own[-1] + WEEK)}"
        pieces.append(Piece(first, round(last - first, 3), state, label))
    dark = f"{count(row.unwatched)} dark" if row.unwatched else ""
    several = listed([" <-> ".join(link) for link in row.links]) if len(row.links) > 1 else ""
    label = f"{row.name}: " + "; ".join(piece.label for piece in pieces)
    return Lane(row.name, several, dark, label, tuple(pieces))
