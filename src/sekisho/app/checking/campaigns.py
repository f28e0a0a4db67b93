"""Campaigns as people read them: how far each has come, why it waits, where it came to nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sekisho.app.checking.campaigning import find
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.workspace import Workspace
from sekisho.fleet.campaigns.course import Course, course
from sekisho.fleet.campaigns.questions import questions
from sekisho.fleet.campaigns.steps import waits
from sekisho.model.campaigns import CampaignEvent, Tally
from sekisho.model.fleet import (
    CampaignDocument,
    CampaignItem,
    CampaignsDocument,
    StageItem,
    TroubleItem,
    TurnItem,
)
from sekisho.model.terminals import Campaign


def listed(workspace: Workspace, *, now: datetime) -> CampaignsDocument:
    """Every campaign, the latest first."""
    with open_decisions(workspace) as decisions:
        campaigns = decisions.state.fleet().campaigns()
        events = decisions.state.campaigns().events()
        return CampaignsDocument(
            campaigns=tuple(campaign_item(c, decisions, events, now) for c in reversed(campaigns))
        )


def shown(workspace: Workspace, name: str, *, now: datetime) -> CampaignDocument:
    """One campaign. Raises RequestError."""
    with open_decisions(workspace) as decisions:
        campaign = find(decisions, name)
        store = decisions.state.campaigns()
        events = store.events()
        stands = course(campaign, events, now)
        own = [e for e in events if e.campaign == campaign.seq]
        return CampaignDocument(
            campaign=campaign_item(campaign, decisions, events, now),
            waits=waits(campaign, stands) if questions(campaign).units else None,
            turns=tuple(TurnItem(action=e.action, at=e.at, by=e.by, why=e.why) for e in own),
            troubled=_troubled(decisions, campaign),
        )


def campaign_item(
    campaign: Campaign, decisions: Decisions, events: Sequence[CampaignEvent], now: datetime
) -> CampaignItem:
    """A campaign as documents have it; one without a place in the ledger is that there is none."""
    stands, tallies = None, dict[int, Tally]()
    if campaign.seq:
        stands = course(campaign, events, now)
        tallies = decisions.state.campaigns().tallies(campaign.seq)
    return CampaignItem.model_validate(
        {
            "name": campaign.name or None,
            "from": campaign.begin,
            "checks": campaign.checks,
            "by": campaign.by or None,
            "why": campaign.why or None,
            "until": campaign.until,
            "queries": tuple(campaign.queries),
            "sites": campaign.sites,
            "incident": campaign.incident or None,
        }
        | ({} if stands is None else _standing(campaign, stands, tallies))
    )


def _standing(campaign: Campaign, stands: Course, tallies: dict[int, Tally]) -> dict[str, object]:
    stages = []
    for n, share in enumerate(campaign.ramp):
        one = tallies.get(n, Tally())
        stages.append(
            StageItem(
                share=share,
                asked=one.asked,
                done=one.done,
                failed=one.failed,
                denylisted=one.denylisted,
                heavy=one.heavy,
            )
        )
    return {
        "state": stands.state,
        "stage": stands.stage + 1,
        "stages": tuple(stages),
        "turned": stands.why or None,
        "turned_by": stands.by or None,
        "since": stands.since,
    }


def _troubled(decisions: Decisions, campaign: Campaign) -> tuple[TroubleItem, ...]:
    found = list(decisions.state.campaigns().troubled(campaign.seq))
    numbers = sorted({int(node) for node, _, _ in found if node.isdecimal()})
    nodes = decisions.state.nodes().of(numbers)
    names = {str(number): node.who.hostname or node.identifier for number, node in nodes.items()}
    return tuple(
        TroubleItem(
            hostname=names.get(node, node),
            question=question[2:],
            fate=one.fate,
            at=one.at,
            reason=one.reason,
        )
        for node, question, one in found
    )
