"""From seeds to the whole incident: neighbourhood, steps, paths, scope, entry, onset, and what is hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from sekisho.audit import evidence
from sekisho.audit.automation.ends import ends
from sekisho.audit.coverage import Coverage
from sekisho.audit.evidence import Key, key_of, rows_of
from sekisho.audit.sight import Sight
from sekisho.inventory.register import Inventory
from sekisho.investigate import neighbourhood, talks
from sekisho.investigate.entry import Origin, origins
from sekisho.investigate.fabric import Fabric, fabric
from sekisho.investigate.graph import StepGraph
from sekisho.investigate.seeds import Found, SeedRequest, find
from sekisho.investigate.spreading import Scored, Spreading, foremost
from sekisho.investigate.telling import EACH, Teller, blind, by_key, moment
from sekisho.model.addresses import parse_address
from sekisho.model.findings import Onset
from sekisho.model.incidents import (
    Candidate,
    Entry,
    Evidence,
    HopDocument,
    Path,
    Scope,
    ScopeAsset,
    Seed,
    TimelineItem,
    Unobservable,
)
from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy
from sekisho.store.lake import Lake

Progress = Callable[[str, int, int | None], None]
FLOWS = 1_500_000
"""Raw flows of candidates that are read for one neighbourhood."""
_STEPS = 6


@dataclass(frozen=True, slots=True)
class Investigation:
    """What is known of an incident from flows. `hops` are all steps, each once, in order of time; `window`
    is the evidence that was looked at (aware UTC); `coverage` is that of the whole lake."""

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


def investigate(
    lake: Lake,
    inventory: Inventory,
    compiled: CompiledPolicy,
    seeds: Sequence[SeedRequest],
    *,
    begin: datetime | None = None,
    end: datetime | None = None,
    now: datetime,
    without: frozenset[str] = frozenset(),
    progress: Progress | None = None,
) -> Investigation:
    """Follow seeds forwards and backwards through the evidence from `begin` until `end` (aware UTC; None:
    all of it).

    Reads roll-ups, and raw flows of candidate connections only. `without` leaves factors out by their
    ids, to measure what each is worth. A seed that matches nothing is told as such, never an error.
    """
    step = progress or (lambda _what, _done, _all: None)
    step("investigate: coverage", 0, _STEPS)
    coverage = evidence.coverage_of(lake, inventory, now=now, begin=begin, end=end)
    extent = coverage.extent()
    window = begin or extent[0], end or extent[1]
    step("investigate: judging", 1, _STEPS)
    with lake.stage(begin, end) as stage:
        verdicts = stage.judge(compiled)
        woven = _fabric(stage.judged(), inventory, compiled, coverage, window[1] or now)
        if woven is None:
            return _nothing(seeds, window, coverage)
        violations = by_key(rows_of(verdicts.violations))
        step("investigate: seeds", 2, _STEPS)
        found = find(lake, woven, seeds)
        step("investigate: paths", 3, _STEPS)
        work = _Work(lake, inventory, woven, violations)
        spread = Spreading(woven, work.talks, work.violated(), work.fetch, work.same_holder, without)
        steps = spread.run(
            {row for one in found for row in one.rows}, {host for one in found for host in one.hosts}
        )
        step("investigate: evidence", 4, _STEPS)
        rows = sorted(steps)
        table = woven.table(rows)
        keys = dict(zip(rows, map(key_of, rows_of(table)), strict=True))
        measures = by_key(rows_of(stage.measures(table))) if rows else {}
        measures |= {key: violations[key] for key in keys.values() if key in violations}
        views = evidence.views_of(stage.every_view(table)) if rows else {}
    hops = foremost(steps.values())
    teller = Teller(
        fabric=woven,
        coverage=coverage,
        sight=Sight(inventory.sensors),
        keys=keys,
        measures=measures,
        views=views,
        first={key_of(row): row["first"] for row in rows_of(lake.first_last(table))} if rows else {},
        records=_records(lake, table, begin, end) if rows else {},
        days=_days(lake, table, rows) if rows else {},
        others=hops,
    )
    step("investigate: telling", 5, _STEPS)
    return _Told(woven, inventory, teller, StepGraph(hops), found, window, coverage).all(
        (*work.notes(), *_asked(found))
    )


def _fabric(
    judged: Any,
    inventory: Inventory,
    compiled: CompiledPolicy,
    coverage: Coverage,
    at: datetime,
) -> Fabric | None:
    begin, _ = coverage.extent()
    if not judged.num_rows or begin is None:
        return None
    hosts = ends(judged, compiled, at)
    first = judged["first"].cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    return fabric(judged, hosts, hosts.pair_first(first), _micros(begin), inventory)


def _micros(at: datetime) -> int:
    return (at - moment(0)) // timedelta(microseconds=1)


def _nothing(
    seeds: Sequence[SeedRequest], window: tuple[datetime | None, datetime | None], coverage: Coverage
) -> Investigation:
    why = "there is no evidence at all in this time: nothing was recorded, which is not nothing found"
    told = tuple(Seed(kind=s.kind, value=s.value, realm=s.realm or None, why=why) for s in seeds)
    return Investigation(told, None, None, (), (), Scope(), (), (), window, coverage, (why,))


@dataclass(slots=True)
class _Work:
    """What the spreading asks for, and how much of it had to be left out."""

    lake: Lake
    inventory: Inventory
    fabric: Fabric
    violations: dict[Key, Any]
    talks: talks.Talks = field(default_factory=talks.Talks)
    offsets: dict[str, float] = field(default_factory=dict)
    cut: dict[int, int] = field(default_factory=dict)
    unread: int = 0

    def violated(self) -> dict[int, int]:
        """When each connection that no rule allows first came about."""
        rows = np.flatnonzero(np.isin(self.fabric.rank, (int(Rank.UNAUTHORIZED), int(Rank.LAPSED))))
        keys = map(key_of, rows_of(self.fabric.table(rows.tolist())))
        found = {}
        for row, key in zip(rows.tolist(), keys, strict=True):
            told = self.violations.get(key)
            if told is not None:
                found[row] = _micros(told["first_established"] or told["first_seen"])
        return found

    def fetch(self, hosts: Sequence[int]) -> dict[int, list[int]]:
        """Candidates of hosts, and of those close by, with their sessions."""
        fresh: dict[int, list[int]] = {}
        for host in neighbourhood.around(self.fabric, hosts) if not self.talks.of else hosts:
            fresh[host], left = neighbourhood.chosen(self.fabric, host)
            if left:
                self.cut[host] = left
        rows = sorted({row for found in fresh.values() for row in found} - self.talks.of.keys())
        flows = self.fabric.flows[rows] if rows else np.zeros(0, dtype=np.int64)
        order = np.argsort(flows, kind="stable")
        within = np.cumsum(flows[order]) <= FLOWS
        self.unread += int((~within).sum())
        read = [rows[place] for place in sorted(order[within].tolist())]
        self.offsets = self.offsets or self.lake.offsets()
        if read:
            talks.read(self.lake, self.fabric.table(read), read, self.offsets, self.talks)
        return fresh

    def same_holder(self, host: int, one: int, other: int) -> bool:
        """Whether the inventory knows one asset behind an address at both times."""
        realm, address = self.fabric.realm(host), parse_address(self.fabric.address(host))
        names = [
            place.asset.hostname if place.asset else None
            for place in (self.inventory.place(realm, address, moment(at)) for at in (one, other))
        ]
        return None in names or names[0] == names[1]

    def notes(self) -> Iterator[str]:
        """What was not looked at."""
        for host, left in sorted(self.cut.items(), key=lambda item: -item[1])[:5]:
            yield f"{left} connections of {self.fabric.address(host)} were not looked at: it has too many"
        if self.unread:
            yield f"the sessions of {self.unread} busy connections were not read: more than {FLOWS} flows"
        if self.talks.pruned:
            days = evidence.days_text(sorted(self.talks.pruned))
            yield f"raw flows of {days} were pruned: what is said of those days rests on their roll-ups"


def _asked(found: Iterable[Found]) -> Iterator[str]:
    for one in found:
        if one.why:
            yield f"the seed {one.request.value} matches nothing: {one.why}"


def _records(
    lake: Lake, table: Any, begin: datetime | None, end: datetime | None
) -> dict[Key, list[Evidence]]:
    """Raw records by connection; a record of the other direction is its connection's too."""
    wanted = set(map(key_of, rows_of(table)))
    found: dict[Key, list[Evidence]] = {}
    answer = lake.flows_of(table, begin, end, limit=16 * EACH * table.num_rows, each=4 * EACH)
    for row in rows_of(answer.flows):
        src = row["src_realm"], row["src_hi"], row["src_lo"]
        dst = row["dst_realm"], row["dst_hi"], row["dst_lo"]
        protocol = row["protocol"]
        for key in (
            (*src, *dst, protocol, row["dst_port"]),
            (*dst, *src, protocol, row["src_port"]),
            (*src, *dst, protocol, 0),
            (*dst, *src, protocol, 0),
        ):
            if key in wanted:
                one = Evidence(
                    path=row["path"], sha256=row["sha256"], row=row["row"], sensor=row["sensor"],
                    at=row["start"],
                )  # fmt: skip
                found.setdefault(key, []).append(one)
                break
    return found


def _days(lake: Lake, table: Any, rows: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for day in lake.daily(table).to_pylist():
        found.setdefault(rows[day["number"]], []).append(day)
    return found


@dataclass(slots=True)
class _Told:
    """The incident as documents."""

    fabric: Fabric
    inventory: Inventory
    teller: Teller
    graph: StepGraph
    found: Sequence[Found]
    window: tuple[datetime | None, datetime | None]
    coverage: Coverage

    def all(self, notes: Sequence[str]) -> Investigation:
        """Everything."""
        hops = tuple(self._hop(scored) for scored in self.graph.steps)
        ranked = origins(self.graph, self.fabric)
        scope = self._scope(ranked)
        entry = self._entry(ranked)
        return Investigation(
            seeds=tuple(self._seed(one) for one in self.found),
            entry=entry,
            onset=self._onset(ranked),
            paths=tuple(self._paths()),
            hops=hops,
            scope=scope,
            timeline=tuple(self._timeline(hops)),
            unobservable=tuple(self._unobservable(scope)),
            window=self.window,
            coverage=self.coverage,
            notes=tuple(notes),
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
            src, dst = self.fabric.address(weakest.step.tail), self.fabric.address(weakest.step.head)
            why = (f"its weakest step is {src} to {dst}, {weakest.likelihood:.0%} likely",)
            hops = tuple(self._hop(scored) for scored in route.steps)
            yield Path(score=round(route.score, 4), hops=hops, why=why)

    def _seed(self, one: Found) -> Seed:
        asked = one.request
        return Seed(
            kind=asked.kind,
            value=asked.value,
            realm=asked.realm or None,
            connections=len(one.rows)
            + sum(len(self.fabric.of_host(h)) for h in one.hosts if self.fabric.internal(h)),
            onset=self._seed_onset(one),
            why=one.why,
        )

    def _seed_onset(self, one: Found) -> Onset | None:
        rows = set(one.rows)
        own = [
            s for s in self.graph.steps
            if s.step.row in rows or {s.step.tail, s.step.head} & set(one.hosts)
        ]  # fmt: skip
        return min((self.teller.onset(s) for s in own), key=lambda o: o.at, default=None)

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
        """When it began: the earliest step at the likeliest entry, as its connection's onset has it."""
        steps = self.graph.steps
        if ranked:
            own = [s for s in steps if ranked[0].host in (s.step.tail, s.step.head)]
            steps = own or steps
        first = min(steps, key=lambda s: s.at, default=None)
        if first is None:
            return None
        found = self.teller.onset(first)
        return found.model_copy(update={"at": moment(first.at)})

    def _scope(self, ranked: Sequence[Origin]) -> Scope:
        since: dict[int, tuple[int, Scored]] = {}
        roles: dict[int, str] = {}
        for scored in self.graph.steps:
            for host in (scored.step.tail, scored.step.head):
                if not self.fabric.internal(host):
                    continue
                since.setdefault(host, (scored.at, scored))
                if self.teller.role(scored) == "confirmed":
                    roles[host] = "confirmed"
        assets = []
        for host, (at, scored) in sorted(since.items(), key=lambda item: (item[1][0], item[0])):
            address, realm = self.fabric.address(host), self.fabric.realm(host)
            asset = self.inventory.place(realm, parse_address(address), moment(at)).asset
            other = scored.step.tail if scored.step.head == host else scored.step.head
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
                    why=f"{way} {self.fabric.address(other)}",
                )
            )
        sites = tuple(dict.fromkeys(asset.site for asset in assets if asset.site))
        return Scope(sites=sites, assets=tuple(assets))

    def _timeline(self, hops: Sequence[HopDocument]) -> Iterator[TimelineItem]:
        for hop in hops:
            tail, head = (hop.src, hop.dst) if hop.kind == "connect" else (hop.dst, hop.src)
            way = "" if hop.kind == "connect" else f", over a session that {hop.src} opened"
            yield TimelineItem(
                at=hop.at,
                kind="hop",
                text=f"{tail} took control of {head} by {hop.service}{way} ({hop.role}, {hop.technique})",
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
