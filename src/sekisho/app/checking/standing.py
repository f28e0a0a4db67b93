"""Where each terminal stands: inventory, answers and decisions brought together."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sekisho.app.checking.campaigns import campaign_item
from sekisho.app.checking.contacts import (
    attempts,
    by_terminal,
    doubts_of,
    heard_at,
    last_seen,
    node_items,
)
from sekisho.app.checking.set_aside import set_aside
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.terminals import resolved
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.fleet.checks.local_admins import fresh
from sekisho.fleet.checks.registry import CHECKS, NEED_SETTING_UP
from sekisho.fleet.platforms import agreed, of_os
from sekisho.fleet.progress import CHECKED, pace, slowest
from sekisho.fleet.resolve import ID_LENGTH, Resolved, Terminal
from sekisho.fleet.states import AWAY, Standing, stand, tally
from sekisho.inventory.register import Inventory
from sekisho.model.fleet import (
    AnswerItem,
    CampaignItem,
    DecidedItem,
    FleetDocument,
    JoinedItem,
    Progress,
    SiteStanding,
    TerminalDocument,
    TerminalItem,
)
from sekisho.model.nodes import Node
from sekisho.model.terminals import (
    GIVEN_UP,
    SERVED,
    Campaign,
    CheckAnswer,
    TerminalDecision,
    TerminalState,
)

MOST_STRANGERS = 1000
"""Of a document; all are counted."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everything known of the terminals at one time. `answers` and `decisions` are by a terminal's id,
    `campaigns` by site: the latest that asks it, `campaign` is the latest of all."""

    resolved: Resolved
    campaign: Campaign
    campaigns: dict[str | None, Campaign]
    standings: dict[str, Standing]
    answers: dict[str, list[CheckAnswer]]
    decisions: dict[str, list[TerminalDecision]]
    strangers: tuple[str, ...]
    inventory: Inventory
    files: dict[str, str]
    nodes: dict[str, list[Node]]
    asking: CampaignItem


def away(workspace: Workspace) -> timedelta:
    """After how long a terminal that is not heard is offline. Raises FileProblems."""
    service = workspace.settings(os.environ).settings.fleet.service
    return timedelta(minutes=service.offline_minutes)


def strangers(
    answers: Iterable[CheckAnswer], known: Resolved, nodes: Iterable[Node] = ()
) -> tuple[str, ...]:
    """Names of machines that answered or enrolled and are no terminal, or could be several."""
    who = {one for one in {a.who for a in answers} if known.match(one) is None}
    who |= {n.who for n in nodes}
    names = {one.hostname or one.uuid for one in who}
    return tuple(sorted(names))


def assemble(
    decisions: Decisions, inventory: Inventory, now: datetime, away: timedelta = AWAY
) -> Fleet:
    """Every terminal with its one state, for the latest campaign. One that was not heard for `away` is not
    there any more."""
    store = decisions.state.fleet()
    decided, given, campaigns = store.decisions(), store.answers(), store.campaigns()
    # One that only asks questions that nobody judges says nothing of how terminals stand.
    judged = [c for c in campaigns if c.checks]
    standing = Campaign("", _standing(given))
    campaign = judged[-1] if judged else standing
    asked = {site: latest(judged, site, standing) for site in (None, *inventory.sites)}
    enrolled = decisions.state.nodes().nodes()
    known = resolved(decisions, inventory, now, enrolled)
    answers: dict[str, list[CheckAnswer]] = defaultdict(list)
    homes = {who: known.match(who) for who in {one.who for one in given}}
    nodes, unknown = by_terminal(enrolled, known)
    known.placed(heard_at(nodes, inventory, now))
    doubts = doubts_of(decisions, nodes)
    nobodys = {node.who for node in unknown}
    for one in given:
        served = one.intake == SERVED or one.intake.startswith(GIVEN_UP)
        if (home := homes[one.who]) is not None and not (served and one.who in nobodys):
            answers[home.id].append(one)
    for place, own in answers.items():
        answers[place] = fresh(own, asked[known.by_id[place].site].begin)
    decisions_of: dict[str, list[TerminalDecision]] = defaultdict(list)
    for decision in decided:
        if (terminal := known.by_id.get(decision.terminal)) is not None:
            decisions_of[terminal.id].append(decision)
    return Fleet(
        known,
        campaign,
        asked,
        {
            t.id: stand(
                asked[t.site],
                answers.get(t.id, ()),
                decisions_of.get(t.id, ()),
                now,
                last_seen(nodes.get(t.id, ())),
                away,
                doubts.get(t.id),
                agreed((of_os(t.os), *(node.platform for node in nodes.get(t.id, ())))),
            )
            for t in known.terminals
        },
        answers,
        decisions_of,
        strangers(given, known, unknown),
        inventory,
        {intake.sha256: intake.name for intake in store.intakes()},
        nodes,
        campaign_item(campaign, decisions, decisions.state.campaigns().events(), now),
    )


def _standing(given: Iterable[CheckAnswer]) -> tuple[str, ...]:
    """What is asked while there is no campaign; what needs setting up, where anything answered it."""
    answered = {one.check for one in given}
    return tuple(name for name in CHECKS if name not in NEED_SETTING_UP or name in answered)


def latest(campaigns: Sequence[Campaign], site: str | None, standing: Campaign) -> Campaign:
    """The latest campaign that asks terminals of a site; `standing` where none does. One of other sites says
    nothing of this one's."""
    asking = (c for c in reversed(campaigns) if not c.sites or site in c.sites)
    return next(asking, standing)


def status(
    workspace: Workspace, *, now: datetime, site: str | None = None, state: TerminalState | None = None
) -> FleetDocument:
    """How many terminals are in each state, by site; those of `state` are listed. Raises RequestError."""
    inventory = read_inventory(workspace)
    if site is not None and site not in inventory.sites:
        raise RequestError(
            f"there is no site {site}", f"there are {', '.join(sorted(inventory.sites))}"
        )
    with open_decisions(workspace) as decisions:
        fleet = assemble(decisions, inventory, now, away(workspace))
    chosen = [t for t in fleet.resolved.terminals if site is None or t.site == site]
    standings = [fleet.standings[t.id] for t in chosen]
    sites = by_site(fleet, chosen)
    notes = []
    if not fleet.resolved.terminals:
        notes.append("no terminals are known: `sekisho fleet import FILE`")
    return FleetDocument(
        terminals=len(chosen),
        states=tally(standings),
        campaign=fleet.asking,
        sites=sites,
        listed=tuple(
            item(t, fleet.standings[t.id]) for t in chosen if fleet.standings[t.id].state == state
        ),
        merged=sum(len(t.joined) for t in chosen),
        strangers=fleet.strangers[:MOST_STRANGERS],
        strangers_in_all=len(fleet.strangers),
        progress=progress_of(fleet.campaign, standings, sites, now),
        notes=tuple(notes),
    )


def by_site(fleet: Fleet, chosen: Iterable[Terminal]) -> tuple[SiteStanding, ...]:
    """The same by site, those in no site last."""
    groups: dict[str | None, list[Standing]] = defaultdict(list)
    for terminal in chosen:
        groups[terminal.site].append(fleet.standings[terminal.id])
    found = []
    for site in sorted(groups, key=lambda s: (s is None, s or "")):
        counts = tally(groups[site])
        known = fleet.inventory.sites.get(site or "")
        found.append(
            SiteStanding(
                site=site,
                country=(known.country or None) if known else None,
                terminals=len(groups[site]),
                checked=sum(counts[s] for s in CHECKED),
                states=counts,
            )
        )
    return tuple(found)


def progress_of(
    campaign: Campaign, standings: Iterable[Standing], sites: Iterable[SiteStanding], now: datetime
) -> Progress:
    """How fast it goes, and where slowest."""
    found = pace(campaign, standings, now)
    named = [(s.site or "(in no site)", s.terminals, s.checked, s.states["excluded"]) for s in sites]
    return Progress(
        answered=found.answered,
        left=found.left,
        rate=found.rate,
        done_at=found.done_at,
        slowest=slowest(named),
    )


def find(fleet: Resolved, asked: str) -> Terminal:
    """The one terminal that is meant. Raises RequestError where there is none, or several."""
    found = fleet.find(asked)
    if not found:
        raise RequestError(f"there is no terminal {asked}", "name it by hostname, UUID, address or id")
    if len(found) > 1:
        some = ", ".join(f"T-{t.id[:ID_LENGTH]} ({t.site or 'no site'})" for t in found[:8])
        raise RequestError(f"{asked} could be {len(found)} terminals", f"name one by its id: {some}")
    return found[0]


def shown(workspace: Workspace, asked: str, *, now: datetime) -> TerminalDocument:
    """Everything about one terminal. Raises RequestError."""
    with open_decisions(workspace) as decisions:
        fleet = assemble(decisions, read_inventory(workspace), now, away(workspace))
        terminal = find(fleet.resolved, asked)
        nodes = fleet.nodes.get(terminal.id, [])
        served, tried = node_items(decisions, nodes), attempts(decisions, nodes)
        aside = set_aside(decisions, fleet.answers.get(terminal.id, ()))
    standing = fleet.standings[terminal.id]
    counting = {a.id for a in standing.answers.values()}
    answers = sorted(fleet.answers.get(terminal.id, ()), key=lambda a: (a.at, a.check))
    return TerminalDocument(
        terminal=item(terminal, standing),
        uuid=terminal.uuid or None,
        serial=terminal.serial or None,
        guid=terminal.guid or None,
        names=terminal.names,
        joined=tuple(
            JoinedItem(
                id=j.sighted.id[:ID_LENGTH],
                hostname=j.sighted.sighting.hostname,
                file=fleet.files.get(j.sighted.intake, j.sighted.intake[:ID_LENGTH]),
                row=j.sighted.row,
                why=j.why,
            )
            for j in terminal.joined
        ),
        alike=terminal.alike,
        answers=tuple(
            AnswerItem(
                check=a.check,
                outcome=a.outcome,
                at=a.at,
                received=a.received,
                file=fleet.files.get(a.intake, a.intake[:ID_LENGTH]),
                rows=a.rows,
                counts=a.id in counting,
                reason=a.reason or None,
                findings=a.findings,
            )
            for a in answers
        ),
        decisions=tuple(
            DecidedItem(
                action=d.action,
                by=d.by,
                at=d.at,
                why=d.why,
                until=d.until,
                evidence=d.body.get("evidence"),
            )
            for d in fleet.decisions.get(terminal.id, ())
        ),
        nodes=served,
        attempts=tried,
        set_aside=aside,
        gaps=tuple(_gaps(fleet.campaigns[terminal.site], standing, answers)),
    )


def _gaps(campaign: Campaign, standing: Standing, answers: Iterable[CheckAnswer]) -> Iterable[str]:
    early = {a.check for a in answers if campaign.begin is not None and a.at < campaign.begin}
    for check in standing.open:
        if check in early:
            yield f"{check}: answered only before the campaign began, or before it was rebuilt"
        else:
            yield f"{check}: nothing answers it"


def item(terminal: Terminal, standing: Standing) -> TerminalItem:
    """A terminal in a list."""
    return TerminalItem(
        id=f"T-{terminal.id[:ID_LENGTH]}",
        hostname=terminal.hostname,
        site=terminal.site,
        address=terminal.address or None,
        os=terminal.os or None,
        state=standing.state,
        why=standing.why,
        since=standing.since,
        until=standing.until,
        by=standing.by or None,
        open=standing.open,
    )
