"""Campaigns as the service asks by them: what is kept of each node is read and kept in the batch's transaction.

What stands in the ledger (which campaigns there are, how each stands) is read again every few seconds: a turn
of a campaign is obeyed that much later, by every worker.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sekisho.fleet.campaigns.asking import Live, Seen, queries_for
from sekisho.fleet.campaigns.course import course, first_of
from sekisho.fleet.campaigns.questions import questions, unwired
from sekisho.fleet.campaigns.reach import names_of
from sekisho.fleet.campaigns.taking import Result, heavy, took
from sekisho.fleet.service.dispatch import Given, Handing, Verdict
from sekisho.model.campaigns import Asked, Limits
from sekisho.model.nodes import Caller
from sekisho.state.campaigns import CampaignStore, asked_of, put
from sekisho.state.fleet import FleetStore, keep_answers
from sekisho.state.homes import sites_of
from sekisho.state.node_batches import Batch

STALE = timedelta(seconds=2)
ACCELERATE = 60
"""Seconds for which a terminal comes more often where not all fitted that it is to be asked."""


class Campaigning:
    """A dispatcher. `site_of` gives the site of an address."""

    def __init__(
        self,
        fleet: FleetStore,
        campaigns: CampaignStore,
        site_of: Callable[[str], str | None] = lambda _address: None,
    ) -> None:
        self._fleet = fleet
        self._campaigns = campaigns
        self._site_of = site_of
        self._lives: tuple[Live, ...] = ()
        self._limits: dict[int, Limits] = {}
        self._read: datetime | None = None

    def hand(self, batch: Batch, callers: Sequence[Caller], now: datetime) -> Mapping[int, Handing]:
        """See `Dispatcher.hand`."""
        by_node = {c.node: c for c in callers}
        lives = [
            live
            for live in self._running(now)
            if live.course.state == "running" and _concerns(live, by_node)
        ]
        if not lives:
            return {}
        asking = [live.campaign.seq for live in lives]
        kept = asked_of(batch.connection, [str(n) for n in by_node], asking, whole=False)
        handings: dict[int, Handing] = {}
        changed: dict[tuple[int, str], tuple[Asked, bool]] = {}
        narrow = any(live.campaign.sites for live in lives)
        sites = sites_of(batch.connection, list(by_node)) if narrow else {}
        for node, caller in by_node.items():
            key = str(node)
            out = queries_for(lives, self._seen(caller, sites.get(node)), kept[key], now)
            changed |= self._heavy(key, out.changed)
            keep_answers(batch.connection, out.answers)
            if out.queries:
                handings[node] = Handing(out.queries, ACCELERATE if out.more else 0)
        put(batch.connection, changed)
        return handings

    def take(self, batch: Batch, given: Sequence[Given], now: datetime) -> Sequence[Verdict]:
        """See `Dispatcher.take`."""
        lives = self._running(now)
        named = {found[0] for g in given for q in g.outcomes if (found := unwired(q)) is not None}
        asking = [live.campaign.seq for live in lives if live.campaign.seq in named]
        kept = asked_of(batch.connection, [str(g.caller.node) for g in given], asking)
        changed: dict[tuple[int, str], tuple[Asked, bool]] = {}
        verdicts: list[Verdict] = []
        for one in given:
            key, platform = str(one.caller.node), one.caller.platform
            results = {q: Result(o.status, o.message, o.stats) for q, o in one.outcomes.items()}
            out = took([live.of(key, platform) for live in lives], kept[key], results, now, platform)
            # A second answer of the same node in this batch finds what the first one settled.
            kept[key] |= out.changed
            changed |= self._heavy(key, out.changed)
            verdicts.append(Verdict(out.taken, frozenset(out.again), out.refused))
        put(batch.connection, changed)
        return verdicts

    def _running(self, now: datetime) -> tuple[Live, ...]:
        if self._read is None or not timedelta(0) <= now - self._read < STALE:
            events = self._campaigns.events()
            self._lives = tuple(
                Live(c, course(c, events, now), questions(c), first_of(c, events))
                for c in reversed(self._fleet.asking())
            )
            self._limits = {live.campaign.seq: live.campaign.limits for live in self._lives}
            self._read = now
        return self._lives

    def _seen(self, caller: Caller, site: str | None) -> Seen:
        names = names_of(caller.who, caller.address)
        # Where the register has a terminal counts for how it stands, wherever it calls from.
        return Seen(
            str(caller.node), caller.who, site or self._site_of(caller.address), names, caller.platform
        )

    def _heavy(
        self, node: str, changed: Mapping[int, Asked]
    ) -> dict[tuple[int, str], tuple[Asked, bool]]:
        return {
            (seq, node): (asked, heavy(self._limits[seq], asked.settled))
            for seq, asked in changed.items()
        }


def _concerns(live: Live, nodes: Collection[int]) -> bool:
    """Whether any of them may be asked: a probe is for a few, and costs the others nothing."""
    only = live.campaign.only
    return not only or any(int(node) in nodes for named in only.values() for node in named)
