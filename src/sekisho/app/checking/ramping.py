"""What campaigns do by their own rules, while the service runs: wider, or paused, by an entry of the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from sekisho.app.decisions import Decisions
from sekisho.fleet.campaigns.course import course, first_of
from sekisho.fleet.campaigns.reach import reach
from sekisho.fleet.campaigns.steps import Reach, Step, step
from sekisho.model.campaigns import CampaignEvent
from sekisho.model.terminals import Campaign

RULES = "sekisho"
"""Who decides by a campaign's own rules."""
Nodes = Callable[[], Iterable[tuple[str, tuple[str, ...], str | None, datetime]]]


def ramp(decisions: Decisions, nodes: Nodes, *, now: datetime) -> list[str]:
    """Take the steps that are due, one a campaign; a sentence for each. `nodes` is asked only where a campaign
    runs that may widen: id, names, site and when each was last heard."""
    store = decisions.state.campaigns()
    events = store.events()
    found, known = [], None
    for campaign in decisions.state.fleet().campaigns():
        stands = course(campaign, events, now)
        if stands.state != "running":
            continue
        reached: dict[int, Reach] = {}
        if stands.stage + 1 < len(campaign.ramp):
            known = list(nodes()) if known is None else known
            reached = reach(campaign, known, now, first_of(campaign, events))
        if _due(decisions, campaign, events, reached, now) is None:
            continue
        # Counted and decided again with others kept out: a person may have paused it meanwhile.
        with decisions.exclusive():
            due = _due(decisions, campaign, store.events(), reached, now)
            if due is not None:
                body = {"campaign": campaign.seq, "name": campaign.name, "why": due.why}
                decisions.decide(f"fleet.campaign_{due.action}", body, at=now, by=RULES)
                found.append(f"{campaign.name}: {due.action}: {due.why}")
    return found


def _due(
    decisions: Decisions,
    campaign: Campaign,
    events: Iterable[CampaignEvent],
    reached: dict[int, Reach],
    now: datetime,
) -> Step | None:
    tallies = decisions.state.campaigns().tallies(campaign.seq, homed=True)
    return step(campaign, course(campaign, events, now), tallies, reached, now)
