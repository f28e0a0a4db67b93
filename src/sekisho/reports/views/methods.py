"""Techniques: what could show each, where, what looks for it, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from sekisho.model.methods import MethodsDocument, TechniqueItem
from sekisho.reports.base import Cell, Column, Options, Sheet
from sekisho.reports.html.methods import render_methods
from sekisho.reports.screen import Screen
from sekisho.reports.units import Times, counted
from sekisho.reports.view import View
from sekisho.reports.views.gaps import show_most_missing

_COLUMNS = (
    Column("technique", "Technique", "code"),
    Column("name", "Name"),
    Column("seen", "Seen at"),
    Column("watched", "Looked for at"),
    Column("exercised", "Last", "time"),
)
_CELLS = (
    Column("technique", "Technique", "code"),
    Column("name", "Name"),
    Column("tactics", "Tactics"),
    Column("site", "Site", "code"),
    Column("standing", "Standing"),
    Column("seen_by", "Seen by"),
    Column("last_recorded", "Last recorded", "time"),
    Column("not_recorded", "Not recorded"),
    Column("looked_for", "Looked for"),
    Column("checks", "Checks"),
    Column("sigma_rules", "Sigma rules", "count"),
    Column("exercised", "Last exercised", "time"),
    Column("exercised_by", "By"),
    Column("missing", "Missing"),
)
_RECORDED = (
    Column("source", "Source", "code"),
    Column("site", "Site", "code"),
    Column("standing", "Standing"),
    Column("first", "First", "time"),
    Column("last", "Last", "time"),
    Column("amount", "Amount", "count"),
    Column("out_of", "Of", "count"),
    Column("of", "In"),
)


class MethodsView(View[MethodsDocument]):
    """`sekisho intel techniques` and `gaps`."""

    name = "methods"

    def headline(self, document: MethodsDocument, times: Times) -> str:
        """How many of how many, by which version."""
        shown = len(document.techniques)
        blind = sum(not any(s.standing == "seen" for s in one.sites) for one in document.techniques)
        deaf = sum(not any(s.looked_for for s in one.sites) for one in document.techniques)
        head = f"{counted(document.whole, 'technique')} by {_version(document)}"
        if document.gaps_only:
            without = sum(
                not any(look.runs for look in one.looked_for_by) for one in document.techniques
            )
            return (
                f"{head}: something is missing for {shown}; {blind} are seen at no site now, and"
                f" nothing looks for {without}, whatever is recorded."
            )
        return f"{head}: {blind} of {shown} are seen nowhere, {deaf} looked for nowhere."

    def sheets(self, document: MethodsDocument) -> tuple[Sheet, ...]:
        """Techniques, and what is on record."""
        empty = "Nothing is missing." if document.gaps_only else "No technique is in scope."
        rows = [_row(one, document) for one in document.techniques]
        return (
            Sheet("technique", "", _COLUMNS, rows, empty),
            Sheet(
                "recorded",
                "What is on record",
                _RECORDED,
                [
                    (
                        one.source,
                        one.site,
                        _said(one.standing),
                        one.first,
                        one.last,
                        one.amount,
                        one.out_of,
                        one.of,
                    )
                    for one in document.recorded
                ],
            ),
        )

    def table(self, document: MethodsDocument) -> Sheet:
        """A row a technique and site; one of a technique alone where there are no sites."""
        rows = [row for one in document.techniques for row in _cells(one)]
        return Sheet("technique", "", _CELLS, rows)

    def notes(self, document: MethodsDocument) -> tuple[str, ...]:
        """What must be known, and whose words these are."""
        return (*document.notes, document.attack.notice)

    def show(self, document: MethodsDocument, screen: Screen) -> None:
        """Techniques; of gaps what is missing most, and without a limit what each lacks. What is on record is
        for the other formats."""
        screen.headline(self.headline(document, screen.times))
        if document.gaps_only:
            show_most_missing(document, screen)
        else:
            screen.sheet(self.sheets(document)[0])
        screen.line()
        screen.notes(self.notes(document))

    def page(self, document: MethodsDocument, options: Options) -> str | None:
        """With a picture of techniques by site."""
        return render_methods(document, self.headline(document, options.times), self, options)


def _version(document: MethodsDocument) -> str:
    one = document.attack
    return f"ATT&CK {one.version}" + (f" of {one.date:%Y-%m-%d}" if one.date else "")


def _said(standing: str) -> str:
    return standing.replace("_", " ")


def _row(one: TechniqueItem, document: MethodsDocument) -> tuple[Cell, ...]:
    seen = [site.site for site in one.sites if site.standing == "seen"]
    looked = [site.site for site in one.sites if site.looked_for]
    return (
        one.id,
        one.name,
        _where(seen, document),
        _where(looked, document),
        one.exercised.at if one.exercised else None,
    )


def _where(sites: Sequence[str], document: MethodsDocument) -> str:
    if not sites:
        return "nowhere"
    return sites[0] if len(document.sites) == 1 else f"{len(sites)} of {len(document.sites)} sites"


def _cells(one: TechniqueItem) -> Sequence[tuple[Cell, ...]]:
    checks = "; ".join(look.id for look in one.looked_for_by if look.where != "sigma")
    last = one.exercised
    start: tuple[Cell, ...] = (one.id, one.name, "; ".join(one.tactics))
    end: tuple[Cell, ...] = (
        checks,
        one.rules,
        last.at if last else None,
        last.text if last else None,
        "; ".join(one.missing),
    )
    return [
        (
            *start,
            site.site,
            site.standing,
            "; ".join(site.seen_by),
            site.last,
            "; ".join(site.missing),
            site.looked_for,
            *end,
        )
        for site in one.sites
    ] or [(*start, None, None, None, None, None, None, *end)]
