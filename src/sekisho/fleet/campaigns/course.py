"""How a campaign stands: a fold of what was decided about it, in the ledger's order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sekisho.model.campaigns import NONE, CampaignEvent, CampaignState, Tally
from sekisho.model.terminals import Campaign


@dataclass(frozen=True, slots=True)
class Course:
    """`stage` counts from 0; `since` is when that stage, or a pause, began; `why` what was said of the last
    turn. `accepted` is what a person had seen when the campaign was resumed: limits count from there."""

    state: CampaignState
    stage: int = 0
    since: datetime | None = None
    why: str = ""
    by: str = ""
    accepted: Tally = NONE


def course(campaign: Campaign, events: Iterable[CampaignEvent], now: datetime) -> Course:
    """How it stands at `now`. Events of other campaigns, later ones and repeated ones do not count; after the
    end nothing does."""
    own = {e.seq: e for e in events if e.campaign == campaign.seq and e.at <= now}
    state: CampaignState = "running"
    stage, since, why, by, accepted = 0, campaign.begin, "", "", NONE
    for event in sorted(own.values(), key=lambda e: e.seq):
        if event.action == "scope":
            # It says whom to ask first, and changes nothing in how the campaign stands.
            continue
        if event.action == "widen":
            stage = min(stage + 1, len(campaign.ramp) - 1)
        elif event.action == "resume":
            state = "running"
            accepted = Tally(**{name: event.body.get(name, 0) for name in Tally.__slots__})
        else:
            state = "paused" if event.action == "pause" else "ended"
        since, why, by = event.at, event.why, event.by
        if state == "ended":
            break
    if state != "ended" and campaign.until is not None and campaign.until <= now:
        return Course("expired", stage, campaign.until, "its time is over", by, accepted)
    return Course(state, stage, since, why, by, accepted)


def first_of(campaign: Campaign, events: Iterable[CampaignEvent]) -> frozenset[str]:
    """Names of the terminals that come first: of the scope as it was, each time that it was read."""
    own = (e.first for e in events if e.campaign == campaign.seq)
    return frozenset(campaign.first).union(*own)
