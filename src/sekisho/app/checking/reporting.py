"""The report of a check: by site and country, what was found, what is left and why."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sekisho.app.checking.standing import (
    MOST_STRANGERS,
    Fleet,
    assemble,
    away,
    by_site,
    item,
    progress_of,
)
from sekisho.app.decisions import open_decisions
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.fleet.progress import CHECKED, trend
from sekisho.fleet.states import tally
from sekisho.model.fleet import (
    CountryStanding,
    FleetReportDocument,
    FoundItem,
    SiteStanding,
    TerminalItem,
    TrendDay,
)
from sekisho.model.terminals import STATES


def report(workspace: Workspace, *, now: datetime) -> FleetReportDocument:
    """Everything that the check has come to. Raises FileProblems."""
    inventory = read_inventory(workspace)
    with open_decisions(workspace) as decisions:
        fleet = assemble(decisions, inventory, now, away(workspace))
    standings = [fleet.standings[t.id] for t in fleet.resolved.terminals]
    sites = by_site(fleet, fleet.resolved.terminals)
    items = [item(t, fleet.standings[t.id]) for t in fleet.resolved.terminals]
    items.sort(key=lambda one: (one.site or "~", STATES.index(one.state), one.hostname))
    return FleetReportDocument(
        terminals=len(items),
        states=tally(standings),
        campaign=fleet.asking,
        countries=_countries(sites),
        sites=sites,
        findings=_found(fleet),
        left=tuple(one for one in items if _left(one)),
        excluded=tuple(one for one in items if one.state == "excluded"),
        trend=tuple(TrendDay(day=str(day), checked=number) for day, number in trend(standings)),
        progress=progress_of(fleet.campaign, standings, sites, now),
        strangers=fleet.strangers[:MOST_STRANGERS],
        strangers_in_all=len(fleet.strangers),
        every=tuple(items),
    )


def _left(one: TerminalItem) -> bool:
    return one.state != "excluded" and one.state not in CHECKED


def _countries(sites: tuple[SiteStanding, ...]) -> tuple[CountryStanding, ...]:
    groups: dict[str | None, list[SiteStanding]] = defaultdict(list)
    for site in sites:
        groups[site.country].append(site)
    return tuple(
        CountryStanding(
            country=country,
            terminals=sum(s.terminals for s in groups[country]),
            checked=sum(s.checked for s in groups[country]),
            states={state: sum(s.states[state] for s in groups[country]) for state in STATES},
        )
        for country in sorted(groups, key=lambda c: (c is None, c or ""))
    )


def _found(fleet: Fleet) -> tuple[FoundItem, ...]:
    return tuple(
        FoundItem(
            terminal=item(terminal, standing).id,
            hostname=terminal.hostname,
            site=terminal.site,
            check=answer.check,
            at=answer.at,
            finding=text,
        )
        for terminal in fleet.resolved.terminals
        if (standing := fleet.standings[terminal.id]).state == "checked_findings"
        for answer in sorted(standing.answers.values(), key=lambda a: a.check)
        for text in answer.findings
    )
