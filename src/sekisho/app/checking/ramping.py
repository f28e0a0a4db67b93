"""What campaigns do by their own rules, while the service runs: wider, or paused, by an entry of the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from sekisho.app.decisions import Decisions
from sekisho.fleet.campaigns.course import course
from sekisho.fleet.campaigns.reach import reach
from sekisho.fleet.campaigns.steps import step

RULES = "sekisho"
"""Who decides by a campaign's own rules."""
Nodes = Callable[[], Iterable[tuple[str, tuple[str, ...], str | None, datetime]]]


def ramp(decisions: Decisions, nodes: Nodes, *, now: datetime) -> list[str]:
    """Take the steps that are due, one a campaign; a sentence for each. `nodes` is asked only where a campaign
    runs: id, names, site and when each was last heard."""
    store = decisions.state.campaigns()
    events = store.events()
    running = [
        c for c in decisions.state.fleet().campaigns() if course(c, events, now).state == "running"
    ]
    if not running:
        return []
    found, known = [], list(nodes())
    for campaign in running:
        reached = reach(campaign, known, now)
        if step(campaign, course(campaign, events, now), store.tallies(campaign.seq), reached, now):
            # Counted and decided again with others kept out: a person may have paused it meanwhile.
            with decisions.exclusive():
                stands = course(campaign, store.events(), now)
                due = step(campaign, stands, store.tallies(campaign.seq), reached, now)
                if due is not None:
                    body = {"campaign": campaign.seq, "name": campaign.name, "why": due.why}
                    decisions.decide(f"fleet.campaign_{due.action}", body, at=now, by=RULES)
                    found.append(f"{campaign.name}: {due.action}: {due.why}")
    return found
