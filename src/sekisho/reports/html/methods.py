"""Techniques by site as a page: where each could be seen, where something looks for it, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sekisho.model.methods import MethodsDocument, SiteStanding, TechniqueItem
from sekisho.model.techniques import url_of
from sekisho.reports.base import Options
from sekisho.reports.html.page import render
from sekisho.reports.html.sheets import prepared

if TYPE_CHECKING:
    from sekisho.reports.view import View

State = Literal["watched", "seen", "lapsed", "nothing"]
WORDS: dict[State, tuple[str, str]] = {
    "watched": ("●", "seen, and something looks for it"),
    "seen": ("○", "seen, and nothing looks for it"),
    "lapsed": ("◌", "recorded once, not lately"),
    "nothing": ("▨", "nothing recorded that could show it"),
}
"""A sign and its words: colour alone tells nobody anything."""
MOST_SITES = 60
"""Sites that still read as columns."""


@dataclass(frozen=True, slots=True)
class Square:
    """One technique at one site."""

    state: State
    sign: str
    label: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One technique with its squares, in the order of the sites."""

    id: str
    name: str
    url: str
    squares: tuple[Square, ...]
    missing: tuple[str, ...]
    shown: tuple[str, ...]
    looked: tuple[str, ...]
    last: str


def render_methods(
    document: MethodsDocument, headline: str, view: View[MethodsDocument], options: Options
) -> str:
    """One self-contained HTML file."""
    times = options.times
    sites = document.sites[:MOST_SITES]
    groups: dict[str, list[Lane]] = {}
    for one in document.techniques:
        tactic = next(
            (name for name in one.tactics if name in _ORDER), one.tactics[0] if one.tactics else ""
        )
        last = one.exercised
        said = f"{times.minute(last.at)}: {last.text}" if last else "never, as far as is on record"
        groups.setdefault(tactic.replace("-", " "), []).append(_lane(one, document, said))
    return render(
        "methods.html.j2",
        style=("report.css", "methods.css"),
        title=options.titled("What would show an intruder"),
        headline=headline,
        made=times.minute(document.made),
        zone=times.label,
        attack=document.attack,
        published=f"{document.attack.date:%Y-%m-%d}" if document.attack.date else "of unknown date",
        sites=sites,
        left_out=document.sites[MOST_SITES:],
        groups=groups,
        words=WORDS,
        sheets=[prepared(sheet, times) for sheet in view.sheets(document)[1:]],
        notes=view.notes(document),
    )


_ORDER = ("initial-access", "lateral-movement", "command-and-control", "exfiltration")


def _lane(one: TechniqueItem, document: MethodsDocument, last: str) -> Lane:
    at = {site.site: site for site in one.sites}
    return Lane(
        id=one.id,
        name=one.name,
        url=url_of(one.id),
        squares=tuple(_square(one, at[site]) for site in document.sites[:MOST_SITES] if site in at),
        missing=one.missing,
        shown=tuple(f"{source.title}: {source.why}" for source in one.sources),
        looked=tuple(
            f"{look.title}" + ("" if look.runs else " (known, not run here)")
            for look in one.looked_for_by
        ),
        last=last,
    )


def _square(one: TechniqueItem, site: SiteStanding) -> Square:
    state: State = "nothing"
    if site.standing == "seen":
        state = "watched" if site.looked_for else "seen"
    elif site.standing == "lapsed":
        state = "lapsed"
    sign, words = WORDS[state]
    by = f" by {', '.join(site.seen_by)}" if site.seen_by else ""
    return Square(state, sign, f"{one.id} at {site.site}: {words}{by}")
