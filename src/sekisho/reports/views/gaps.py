"""What is missing most, by source, by site and by technique: the few lines that are read first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from sekisho.model.methods import MethodsDocument, TechniqueItem
from sekisho.reports.base import Cell, Column, Sheet
from sekisho.reports.screen import Screen
from sekisho.reports.units import counted

_SOURCES = (
    Column("source", "Not recorded now"),
    Column("techniques", "Techniques", "count"),
    Column("never", "Never at"),
    Column("lapsed", "Lapsed at"),
    Column("last", "Last", "time"),
)
_SITES = (
    Column("sites", "Sites"),
    Column("unseen", "Unseen techniques", "count"),
    Column("never", "Never seen", "count"),
    Column("lapsed", "Lapsed", "count"),
)
_NAMED = 3
"""Sites that a cell names."""
_TECHNIQUES = 8
"""Techniques that a sentence names."""


def show_most_missing(document: MethodsDocument, screen: Screen) -> None:
    """Two tables and two sentences; without a limit what each technique lacks, too."""
    if not document.techniques:
        screen.line("Nothing is missing.")
        return
    screen.sheet(missing_sources(document))
    screen.sheet(blind_sites(document))
    screen.passages(_without(document.techniques))
    if screen.options.limit is None:
        screen.passages(
            (one.id, f"{one.name}: {'; '.join(one.missing)}.") for one in document.techniques
        )
        return
    screen.line()
    screen.line("All of it, and what each technique lacks: --all; of one site: --site SITE.")


def missing_sources(document: MethodsDocument) -> Sheet:
    """A row a source that is not recorded now, the one first that would show most techniques at most sites
    where nothing shows them."""
    titles = {one.id: one.title for each in document.techniques for one in each.sources}
    at = {(one.source, one.site): one for one in document.recorded}
    could: dict[str, set[str]] = {}
    pairs: Counter[str] = Counter()
    where: dict[str, set[str]] = {}
    for each in document.techniques:
        for site in each.sites:
            if site.standing == "seen":
                continue
            for source in site.missing:
                could.setdefault(source, set()).add(each.id)
                where.setdefault(source, set()).add(site.site)
                pairs[source] += 1
    rows: list[Sequence[Cell]] = []
    for source, _ in sorted(pairs.items(), key=lambda one: (-one[1], titles.get(one[0], one[0]))):
        known = [found for site in where[source] if (found := at.get((source, site))) is not None]
        lapsed = {one.site for one in known if one.standing == "lapsed"}
        last: datetime | None = max((one.last for one in known if one.last is not None), default=None)
        never = where[source] - lapsed
        rows.append(
            (
                titles.get(source, source),
                len(could[source]),
                _where(never, document),
                _where(lapsed, document),
                last,
            )
        )
    title = "What would show most at most sites, were it recorded"
    empty = "What could show them is recorded at every site."
    if all(row[-1] is None for row in rows):
        return Sheet("source", title, _SOURCES[:3], [row[:3] for row in rows], empty)
    return Sheet("source", title, _SOURCES, rows, empty)


def blind_sites(document: MethodsDocument) -> Sheet:
    """A row for sites that lack the same, those first that lack most."""
    counts: dict[tuple[int, int], list[str]] = {}
    for site in document.sites:
        standing = [
            one.standing for each in document.techniques for one in each.sites if one.site == site
        ]
        never, lapsed = standing.count("nothing_recorded"), standing.count("lapsed")
        if never or lapsed:
            counts.setdefault((never, lapsed), []).append(site)
    rows: list[Sequence[Cell]] = [
        (_where(sites, document), never + lapsed, never, lapsed)
        for (never, lapsed), sites in sorted(counts.items(), reverse=True)
    ]
    return Sheet("site", "Where least is seen", _SITES, rows, "Each is seen at every site.")


def _without(techniques: Sequence[TechniqueItem]) -> Iterable[tuple[str, str]]:
    unread = [one.id for one in techniques if not one.sources]
    if unread:
        yield "Not shown by anything that is read here", _some(unread)
    unlooked = [
        one for one in techniques if one.sources and not any(look.runs for look in one.looked_for_by)
    ]
    if unlooked:
        known = sum(bool(one.rules) for one in unlooked)
        rules = f"; for {known} of them Sigma rules are known that would" if known else ""
        yield "Looked for by nothing", _some([one.id for one in unlooked]) + rules


def _where(sites: Iterable[str], document: MethodsDocument) -> str | None:
    some = sorted(sites)
    if not some:
        return None
    if len(some) == len(document.sites) > 1:
        return f"all {len(some)} sites"
    if len(some) <= _NAMED:
        return ", ".join(some)
    return f"{len(some)} of {len(document.sites)} sites"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _TECHNIQUES} more" if len(names) > _TECHNIQUES else ""
    return f"{counted(len(names), 'technique')}: {', '.join(names[:_TECHNIQUES])}{more}"
