"""Links between sites as rows of weeks, the worst first, and many alike as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sekisho.model.coverage import PairWeek
from sekisho.reports.units import count

CellState = Literal["both", "one", "transit", "none", "outside"]
"""`transit`: neither end was watched, and a sensor elsewhere or inside saw flows; `outside`: a site did not
exist."""
_WORST = ("none", "transit", "one", "both", "outside")
NAMED = 3
DAY = 24
"""Hours: a week that begins or ends with the window says little where it has fewer."""
Link = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """Links whose weeks are all alike, and those weeks."""

    links: tuple[Link, ...]
    cells: tuple[CellState, ...]

    @property
    def unwatched(self) -> int:
        """In how many weeks nobody watched."""
        return self.cells.count("none")

    @property
    def name(self) -> str:
        """The link, or what its links have in common."""
        if len(self.links) == 1:
            return " <-> ".join(self.links[0])
        many = f"{count(len(self.links))} links"
        shared = set(self.links[0]).intersection(*self.links[1:])
        if shared:
            return f"{many} of {shared.pop()}"
        sites = sorted({site for link in self.links for site in link})
        if len(sites) * (len(sites) - 1) // 2 == len(self.links):
            return f"{many} among {count(len(sites))} sites"
        return many


@dataclass(frozen=True, slots=True)
class Links:
    """All links of a document: the Mondays, and one row a link, the worst first."""

    weeks: tuple[datetime, ...]
    rows: tuple[Row, ...]

    @property
    def dark(self) -> tuple[Row, ...]:
        """Links that nobody watched in the last week."""
        return tuple(row for row in self.rows if row.cells[-1] == "none")

    def grouped(self) -> tuple[Row, ...]:
        """The same with all that are alike in one row."""
        groups: dict[tuple[CellState, ...], list[Link]] = {}
        for row in self.rows:
            groups.setdefault(row.cells, []).extend(row.links)
        return tuple(Row(tuple(links), cells) for cells, links in groups.items())


def links_of(pairs: Iterable[PairWeek]) -> Links:
    """The rows of a document's pairs; weeks of which it holds less than a day only where it has no other."""
    found: dict[Link, dict[datetime, CellState]] = {}
    given = list(pairs)
    for pair in [pair for pair in given if pair.hours >= DAY] or given:
        link = pair.ends[0].site, pair.ends[1].site
        passed = pair.state == "none" and (pair.transit or pair.inside)
        state: CellState = "transit" if passed else pair.state
        found.setdefault(link, {})[pair.week] = state
    weeks = sorted({week for cells in found.values() for week in cells})
    rows = [
        Row((link,), tuple(cells.get(week, "outside") for week in weeks))
        for link, cells in found.items()
    ]
    return Links(tuple(weeks), tuple(sorted(rows, key=_badness)))


def _badness(row: Row) -> tuple[object, ...]:
    return (_WORST.index(row.cells[-1]), *(-row.cells.count(state) for state in _WORST[:3]), row.links)


def dark_clause(links: Links) -> str:
    """What nobody watches, in a sentence without its full stop; '' where there is nothing to say."""
    if dark := links.dark:
        names = [row.name for row in dark]
        return f"nobody watches {count(len(dark))} of {_links(len(links.rows))}: {listed(names)}"
    ever = [row for row in links.rows if row.unwatched]
    if ever:
        some = f"{count(len(ever))} of {_links(len(links.rows))}"
        return f"{some} had weeks in which nobody watched: {listed([row.name for row in ever])}"
    return ""


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b, c and 4 others`."""
    if len(names) > NAMED + 1:
        return f"{', '.join(names[:NAMED])} and {count(len(names) - NAMED)} others"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _links(number: int) -> str:
    return f"{count(number)} link{'' if number == 1 else 's'} between sites"
