"""The audit: evidence, labelled by the inventory, judged by the policy, told as findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from sekisho.audit import evidence
from sekisho.audit.among import among
from sekisho.audit.automation.look import FLOWS, look
from sekisho.audit.causes.migration import candidates
from sekisho.audit.collapse import collapse
from sekisho.audit.coverage import CoverageDocument
from sekisho.audit.findings import Builder
from sekisho.audit.marks import Judged, Marker, by_connection, chosen, keys_of
from sekisho.audit.pairs import Pairs, Seen, lost_by_week
from sekisho.audit.reconcile import reconcile
from sekisho.audit.recorded import without_flows
from sekisho.audit.registry import MARKERS
from sekisho.audit.scope import Scope, scope
from sekisho.audit.sight import Sight
from sekisho.audit.sighted import of_sites, sighted
from sekisho.audit.totals import count, tunnel_notes
from sekisho.audit.translated import Translations
from sekisho.audit.tunnels import tunnels_between
from sekisho.inventory.register import Inventory
from sekisho.model.findings import AuditDocument, CoverageItem, Life, PolicyVersion
from sekisho.model.tunnels import TUNNELS
from sekisho.policy.compile import CompiledPolicy
from sekisho.store.lake import Lake
from sekisho.store.snapshot import Damage

Progress = Callable[[str, int, int | None], None]
"""Told (what is being done, how much of it is done, how much there is or None)."""
_STEPS = 8
_EARLIER = "ask for earlier weeks with --until"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def audit(
    lake: Lake,
    inventory: Inventory,
    compiled: CompiledPolicy,
    *,
    begin: datetime | None,
    end: datetime | None,
    now: datetime,
    lives: Mapping[str, Life] | None = None,
    sites: Iterable[str] | None = None,
    pair: tuple[str, str] | None = None,
    markers: Sequence[Marker] = MARKERS,
    automation_flows: int = FLOWS,
    of: pa.Table | None = None,
    progress: Progress | None = None,
) -> AuditDocument:
    """Judge all connections with flows from `begin` until `end` (aware UTC; None: all evidence).

    `sites` and `pair` leave only connections with an end in one of the sites, or between the two; every
    count is then of those. `lives` is what people decided, by finding id. `markers` say what is to be
    said of connections besides their verdict; to look for automation at most `automation_flows` raw flows
    are read. With `of` (keys of connections) findings are those among these connections, whatever counts
    say; automation is looked for on them where the evidence is small enough to go through.
    Raises RequestError for a site that does not exist.
    """
    step = progress or (lambda _what, _done, _all: None)
    asked = scope(inventory.sites, sites, pair)
    step("audit: coverage", 0, _STEPS)
    seen = evidence.coverage_of(lake, inventory, now=now, begin=begin, end=end)
    step("audit: evidence", 1, _STEPS)
    with lake.stage(begin, end) as stage:
        step("audit: judging", 2, _STEPS)
        verdicts = stage.judge(compiled)
        site_of = [label.site for label in compiled.classes]
        tunnels = stage.of_services(list(TUNNELS))
        counts = count(verdicts.links, site_of, asked, tunnels)
        violations = among(_within(verdicts.violations, site_of, asked), of)
        keys = violations.select(evidence.KEYS)
        step("audit: views of the sensors", 3, _STEPS)
        views = evidence.views_of(stage.views(keys))
        step("audit: marks", 4, _STEPS)
        judged = Judged(lake, stage, inventory, compiled, seen, begin, end, now)
        automation = look(judged, automation_flows, of)
        said = [mark for marker in markers for mark in marker.marks(judged)]
        step("audit: both ends", 5, _STEPS)
        translations = Translations(inventory.translations, lake, begin, end)
        both = reconcile(judged, asked, translations)
        marks = by_connection(chosen([*said, *automation.marks, *both.marks], of))
        rows = evidence.rows_of(violations)
        found = {evidence.key_of(row) for row in rows}
        if unfound := {key: said for key, said in marks.items() if key not in found}:
            marked = _within(stage.measures(keys_of(unfound)), site_of, asked)
            rows += evidence.rows_of(marked)
            views |= evidence.views_of(stage.every_view(marked.select(evidence.KEYS)))
            measured = {*found, *views}
            more, beside = without_flows(unfound, measured, inventory, compiled, asked)
            rows += more
            views |= beside
            keys = pa.concat_tables([keys, marked.select(evidence.KEYS)])
        damage = _damage(lake, stage.damage, begin, end)
        pruned = stage.pruned
    builder = Builder(
        inventory=inventory,
        compiled=compiled,
        coverage=seen,
        sight=Sight(inventory.sensors),
        views=views,
        before={} if begin is None else evidence.older_than(lake.first_last(keys), begin),
        lives=lives or {},
        marks=marks,
        automation=automation.columns,
        translations=translations,
    )
    step("audit: findings", 6, _STEPS)
    findings = builder.build(rows)
    of_verdicts = [finding for finding in findings if finding.kind == "verdict"]
    step("audit: causes", 7, _STEPS)
    named, causes = collapse(findings, evidence.neighbours(lake, candidates(of_verdicts)))
    step("audit: done", _STEPS, _STEPS)
    items = seen.items(begin, end)
    pairs = Pairs(inventory.sites, inventory.sensors, seen, begin, end)
    return AuditDocument(
        window=evidence.window_of(seen, begin, end),
        policy=PolicyVersion(sha256=compiled.policy.sha256, rules=len(compiled.policy.rules)),
        inventory=inventory.sha256 or None,
        totals=counts.totals,
        findings=named,
        causes=causes,
        links=counts.links,
        coverage=items,
        notes=(
            *_notes(items, damage),
            *_blind(pairs, asked),
            *evidence.given_up(pruned, verdicts.blunt),
            *automation.notes,
            *both.notes,
            *tunnel_notes(counts.links),
        ),
        reconciliation=both.document,
    )


def coverage(
    lake: Lake,
    inventory: Inventory,
    *,
    now: datetime,
    begin: datetime | None = None,
    end: datetime | None = None,
    sites: Iterable[str] | None = None,
) -> CoverageDocument:
    """Every sensor's hours in a window (aware UTC), or from the first to the last evidence; pairs of
    sites week by week, and who talks to the company without belonging to it.

    `sites` leaves only their own sensors, the pairs with an end in one of them, and who talks to them.
    Raises RequestError for a site that does not exist.
    """
    asked = scope(inventory.sites, sites, None)
    seen = evidence.coverage_of(lake, inventory, now=now, begin=begin, end=end)
    flows, unmapped = sighted(lake, inventory, begin, end)
    weeks, since = Pairs(inventory.sites, inventory.sensors, seen, begin, end).weeks(
        Seen(flows, lost_by_week(lake.losses())), asked
    )
    late = (
        ()
        if since is None
        else (f"links are listed from {since:%Y-%m-%d} on: ask for earlier weeks with --until",)
    )
    items, names = seen.items(begin, end), sorted(seen.hours)
    if asked.sites is not None:
        own = {name for name, sensor in inventory.sensors.items() if sensor.site in asked.sites}
        names = [name for name in names if name in own]
        items = tuple(item for item in items if item.sensor in own)
        unmapped = of_sites(unmapped, asked.sites)
    return CoverageDocument(
        window=evidence.window_of(seen, begin, end),
        made=now,
        sensors=tuple(names),
        coverage=items,
        pairs=tuple(weeks),
        unmapped=unmapped,
        notes=(*late, *tunnels_between(lake, inventory, asked, begin, end)),
    )


def _within(violations: Any, site_of: Sequence[str | None], asked: Scope) -> Any:
    """The violations whose ends, as labelled, are in the scope."""
    if asked.whole:
        return violations
    sites = sorted({*site_of}, key=str)
    number = {site: code for code, site in enumerate(sites)}
    codes = np.array([number[site] for site in site_of], dtype=np.int64)
    holds = np.array([[asked.holds(src, dst) for dst in sites] for src in sites], dtype=bool)
    sources, destinations = violations["src_class"].to_numpy(), violations["dst_class"].to_numpy()
    return violations.filter(holds[codes[sources], codes[destinations]])


def _damage(
    lake: Lake, met: Sequence[Damage], begin: datetime | None, end: datetime | None
) -> list[Damage]:
    """Flows of the window that are lost, whenever that was found: what is set aside is still missing."""
    found = {one.path: one for one in (*lake.damage(), *met)}
    return [
        one
        for one in found.values()
        if one.day is not None
        for at in (_EPOCH + timedelta(days=one.day),)
        if (end is None or at < end) and (begin is None or at + timedelta(days=1) > begin)
    ]


def _notes(coverage: Sequence[CoverageItem], damage: Sequence[Damage]) -> Iterable[str]:
    """What a reader must know before believing that nothing else happened in the window."""
    if damage:
        rows = sum(one.rows for one in damage)
        yield (
            f"{len(damage)} files of the lake with {rows} rows are damaged and may not have been judged:"
            " `sekisho store verify` names them"
        )
    alive = {item.sensor for item in coverage if item.state != "no_data"}
    silent = sorted({item.sensor for item in coverage} - alive)
    if not alive:
        yield "there is no evidence at all: nothing was audited"
    elif silent:
        yield f"no evidence from {', '.join(silent)}: what only they could see was not audited"


def _blind(pairs: Pairs, asked: Scope) -> Iterable[str]:
    """Links of which nothing can have been found, because nobody watched them."""
    found, links = pairs.dark(asked)
    if found and pairs.anything:
        named = ", ".join(list(found)[:3]) + (" and others" if len(found) > 3 else "")
        yield (
            f"{len(found)} of {links} links between sites had weeks in which neither end was watched"
            f" ({named}): `sekisho coverage` says which"
        )
