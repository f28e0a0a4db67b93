"""The incident as documents: hops, paths, entry, scope, timeline, and what nobody could see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sekisho.audit.causes.words import plural
from sekisho.audit.coverage import Coverage
from sekisho.inventory.register import Inventory
from sekisho.investigate.entry import Origin, origins
from sekisho.investigate.fabric import Fabric
from sekisho.investigate.graph import StepGraph
from sekisho.investigate.leaving.holdings import holdings
from sekisho.investigate.logbook.telling import LogonTeller
from sekisho.investigate.moments import moment
from sekisho.investigate.placing import placed
from sekisho.investigate.seeds import Found
from sekisho.investigate.steps import Scored
from sekisho.investigate.telling import Teller, blind
from sekisho.model.findings import Onset
from sekisho.model.hops import HopDocument, Path
from sekisho.model.incidents import (
    AccountDocument,
    Candidate,
    Entry,
    Exfiltration,
    Leaving,
    LogonTally,
    Scope,
    ScopeAsset,
    Seed,
    TimelineItem,
    TracesRemoved,
    Unobservable,
)


@dataclass(frozen=True, slots=True)
class Investigation:
    """What is known of an incident from flows and logons. `hops` are all steps, each once, in order of time;
    `window` is the evidence that was looked at (aware UTC); `coverage` is that of the whole lake."""

    seeds: tuple[Seed, ...]
    entry: Entry | None
    onset: Onset | None
    paths: tuple[Path, ...]
    hops: tuple[HopDocument, ...]
    scope: Scope
    timeline: tuple[TimelineItem, ...]
    unobservable: tuple[Unobservable, ...]
    window: tuple[datetime | None, datetime | None]
    coverage: Coverage
    notes: tuple[str, ...] = ()
    accounts: tuple[AccountDocument, ...] = ()
    traces_removed: tuple[TracesRemoved, ...] = ()
    logons: LogonTally | None = None
    exfiltration: tuple[Exfiltration, ...] = ()
    leaving: tuple[Leaving, ...] = ()


@dataclass(slots=True)
class Account:
    """The incident as documents."""

    fabric: Fabric
    inventory: Inventory
    teller: Teller
    graph: StepGraph
    found: Sequence[Found]
    window: tuple[datetime | None, datetime | None]
    coverage: Coverage
    logons: LogonTeller

    def all(self, notes: Sequence[str]) -> Investigation:
        """Everything."""
        hops = tuple(self._hop(scored) for scored in self.graph.steps)
        ranked = origins(self.graph, self.fabric)
        scope = self._scope(ranked)
        entry = self._entry(ranked)
        return Investigation(
            seeds=tuple(self._seed(one) for one in self.found),
            entry=entry,
            onset=self._beside(self._onset(ranked), ranked, scope),
            paths=tuple(self._paths()),
            hops=hops,
            scope=scope,
            timeline=tuple(
                sorted((*self._timeline(hops), *self.logons.timeline()), key=lambda item: item.at)
            ),
            unobservable=tuple(self._unobservable(scope)),
            window=self.window,
            coverage=self.coverage,
            accounts=self.logons.accounts(),
            traces_removed=tuple(self.logons.removed()),
            logons=self.logons.tally(),
            notes=(*notes, *self.teller.passed.notes(s.step.row for s in self.graph.steps)),
        )

    def _arrived(self, host: int, before: int, row: int) -> int | None:
        found = [
            s.at for s in self.graph.steps
            if s.step.head == host and s.at <= before and s.step.row != row
        ]  # fmt: skip
        return max(found, default=None)

    def _hop(self, scored: Scored) -> HopDocument:
        arrived = self._arrived(scored.step.tail, scored.at, scored.step.row)
        return self.teller.hop(scored, arrived)

    def _paths(self) -> Iterator[Path]:
        for route in self.graph.routes():
            weakest = min(route.steps, key=lambda s: s.likelihood)
            src, dst = (
                self.teller.passed.label(host, weakest.step.row)
                for host in (weakest.step.tail, weakest.step.head)
            )
            why = (f"its weakest step is {src} to {dst}, {weakest.likelihood:.0%} likely",)
            hops = tuple(self._hop(scored) for scored in route.steps)
            yield Path(score=round(route.score, 4), hops=hops, why=why)

    def _seed(self, one: Found) -> Seed:
        asked, own = one.request, self._steps_of(one)
        changes = [one for s in own for one in self.teller.changes.of.get(s.step.row, ())]
        first = min(changes, key=lambda change: change.at, default=None)
        return Seed(
            kind=asked.kind,
            value=asked.value,
            realm=asked.realm or None,
            connections=len(one.rows)
            + sum(len(self.fabric.of_host(h)) for h in one.hosts if self.fabric.internal(h)),
            onset=min(
                map(self.teller.onset_of, self._dated(one, own)), key=lambda o: o.at, default=None
            ),
            changed=first.at if first else None,
            changed_why=first.text if first else None,
            why=one.why,
        )

    def _dated(self, one: Found, own: Sequence[Scored]) -> list[int]:
        """The connections that say since when a seed is: those of its steps, else what the proof has of it."""
        if own:
            return [scored.step.row for scored in own]
        asked = {*one.rows, *(int(row) for host in one.hosts for row in self.fabric.of_host(host))}
        return [row for row in self.teller.proof.keys if row in asked]

    def _steps_of(self, one: Found) -> list[Scored]:
        """Steps over the connections of a seed, or at its hosts."""
        rows, hosts = set(one.rows), set(one.hosts)
        every = (s for step in self.graph.steps for s in (step, *self.teller.others.get(step, ())))
        return [s for s in every if s.step.row in rows or {s.step.tail, s.step.head} & hosts]

    def _entry(self, ranked: Sequence[Origin]) -> Entry | None:
        if not ranked:
            return None
        told = [
            Candidate(
                address=self.fabric.address(origin.host),
                realm=self.fabric.realm(origin.host) or None,
                site=self.fabric.site(origin.host),
                rank=number + 1,
                share=round(origin.share, 4),
                since=moment(origin.since),
                why=self.teller.factors(origin.weights),
            )
            for number, origin in enumerate(ranked)
        ]
        first, through = told[0], ranked[0].through
        return Entry(
            address=first.address,
            realm=first.realm,
            site=first.site,
            rank=1,
            share=first.share,
            since=first.since,
            through=self.fabric.address(through) if through is not None else None,
            why=first.why,
            candidates=tuple(told),
        )

    def _onset(self, ranked: Sequence[Origin]) -> Onset | None:
        """When it began: the earliest step of the likeliest entry, or of a party outside onto it, as its
        connection's onset has it. What came to it from inside it began without."""
        steps = self.graph.steps
        if ranked:
            first = ranked[0].host
            own = [
                s
                for s in steps
                if s.step.tail == first
                or (s.step.head == first and not self.fabric.internal(s.step.tail))
            ]
            steps = own or steps
        first_step = min(steps, key=lambda s: s.at, default=None)
        if first_step is None:
            return None
        found = self.teller.onset(first_step)
        kind = found.kind
        # How control came to the first host, its own site's border alone may have recorded.
        if ranked and self._unwatched(ranked[0].host, moment(first_step.at)):
            kind = "on_or_before"
        return found.model_copy(update={"at": moment(first_step.at), "kind": kind})

    def _beside(self, onset: Onset | None, ranked: Sequence[Origin], scope: Scope) -> Onset | None:
        """The onset, saying what in scope is dated before it and why that does not count."""
        earlier = [one for one in scope.assets if onset is not None and one.since < onset.at]
        if onset is None or not earlier or not ranked:
            return onset
        first = min(earlier, key=lambda one: one.since)
        confirmed = sum(one.role == "confirmed" for one in earlier)
        text = (
            f"it is that of the likeliest entry, {self.fabric.address(ranked[0].host)} at"
            f" {ranked[0].share:.0%}; {plural(len(earlier), 'asset')} in scope ({confirmed} confirmed)"
            f" {'is' if len(earlier) == 1 else 'are'} dated before, {first.address} since"
            f" {first.since:%Y-%m-%d %H:%M} UTC, by steps that it did not take: chance, unless the incident"
            " began elsewhere"
        )
        return onset.model_copy(update={"why": f"{onset.why}; {text}" if onset.why else text})

    def _unwatched(self, host: int, at: datetime) -> bool:
        """Whether nobody watched the border of the host's site for an hour and more of the day before."""
        sensors = self.teller.sight.edge(self.fabric.site(host))
        return not sensors or any(blind(self.coverage, sensors, at - timedelta(days=1), at))

    def _scope(self, ranked: Sequence[Origin]) -> Scope:
        since: dict[int, tuple[int, Scored]] = {}
        roles: dict[int, str] = {}
        for scored in self.graph.steps:
            for host in (scored.step.tail, scored.step.head):
                if not self.fabric.internal(host) or self.fabric.hidden(host):
                    continue
                since.setdefault(host, (scored.at, scored))
                if self.teller.role(scored) == "confirmed":
                    roles[host] = "confirmed"
        assets = []
        for host, (at, scored) in sorted(since.items(), key=lambda item: (item[1][0], item[0])):
            address, realm = self.fabric.address(host), self.fabric.realm(host)
            asset = placed(self.inventory, self.fabric, host, at).asset
            other = scored.step.tail if scored.step.head == host else scored.step.head
            named = self.teller.passed.label(other, scored.step.row)
            way = "controlled from" if scored.step.head == host else "took a step to"
            assets.append(
                ScopeAsset(
                    address=address,
                    realm=realm or None,
                    asset=asset.hostname if asset else None,
                    site=self.fabric.site(host),
                    role="confirmed" if host in roles else "suspected",
                    since=moment(at),
                    since_kind=self.teller.onset(scored).kind,
                    holds=holdings(asset),
                    why=f"{way} {named}",
                )
            )
        sites = tuple(dict.fromkeys(asset.site for asset in assets if asset.site))
        return Scope(sites=sites, assets=tuple(assets))

    def _timeline(self, hops: Sequence[HopDocument]) -> Iterator[TimelineItem]:
        for hop in hops:
            src = hop.src if hop.hidden_behind is None else f"somebody behind {hop.hidden_behind.relay}"
            tail, head = (src, hop.dst) if hop.kind == "connect" else (hop.dst, src)
            by = "".join(f" through {relay.relay}" for relay in hop.through)
            way = "" if hop.kind == "connect" else f", over a session that {hop.src} opened"
            if hop.at_kind == "on_or_before":
                way += ", by then at the latest"
            yield TimelineItem(
                at=hop.at,
                kind="hop",
                text=f"{tail} took control of {head} by {hop.service}{by}{way} ({hop.role}, {hop.technique})",
                evidence=hop.evidence,
                site=hop.src_site or hop.dst_site,
                source="flows",
            )

    def _unobservable(self, scope: Scope) -> Iterator[Unobservable]:
        """Sensors of the sites in scope that recorded nothing while it went on, and the week before."""
        if not scope.assets:
            return
        begin = min(asset.since for asset in scope.assets) - timedelta(days=7)
        begin = max(begin, self.window[0]) if self.window[0] else begin
        end = self.window[1] or begin
        for site in scope.sites:
            for sensor in sorted(self.teller.sight.edge(site)):
                for since, until in blind(self.coverage, frozenset({sensor}), begin, end):
                    fields: dict[str, Any] = {"sensor": sensor, "from": since, "to": until}
                    why = f"it recorded nothing: what crossed the border of {site} then cannot be known from it"
                    yield Unobservable(**fields, why=why)
