"""Which terminals a campaign can reach, stage by stage, and who is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sekisho.fleet.campaigns.ramp import stage_of
from sekisho.fleet.campaigns.steps import Reach
from sekisho.fleet.identity import name_key
from sekisho.model.terminals import Campaign, Sighting

THERE = timedelta(hours=1)
"""A terminal that was heard from within so long is there."""


def names_of(who: Sighting, address: str = "") -> tuple[str, ...]:
    """What a terminal may be called by: addresses, and its short name without case."""
    short = name_key(who.hostname)[0]
    return tuple(dict.fromkeys(name for name in (address, who.address, short) if name))


def reach(
    campaign: Campaign,
    nodes: Iterable[tuple[str, tuple[str, ...], str | None, datetime]],
    now: datetime,
    first: Collection[str] = (),
) -> dict[int, Reach]:
    """Of terminals by id, names, site and when each was last heard, those of each stage; `first` are names of
    those that come first besides the campaign's own."""
    comes_first = frozenset(campaign.first).union(first)
    enrolled: Counter[int] = Counter()
    there: Counter[int] = Counter()
    for node, names, site, seen in nodes:
        if campaign.sites and site not in campaign.sites:
            continue
        stage = stage_of(campaign.seq, node, campaign.ramp, names, comes_first)
        enrolled[stage] += 1
        there[stage] += abs(now - seen) <= THERE
    return {stage: Reach(number, there[stage]) for stage, number in sorted(enrolled.items())}
