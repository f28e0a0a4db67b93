"""The monthly brief: what is new, whom it concerns here, and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.app.hunting.learning import domains, versions_of
from sekisho.app.hunting.registry import keeper_of, loaded, read_feeds
from sekisho.app.methods.catalogues import ENTERPRISE
from sekisho.app.methods.changes import advisory, arrived, month_of, rule, told
from sekisho.app.methods.exploited import exploited
from sekisho.app.methods.standing import Standing, standing
from sekisho.app.wiring import open_lake, read_inventory, traits_of
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.intel.attack.catalogue import Catalogue
from sekisho.intel.hunt import hunt
from sekisho.intel.keeping import Keeper, Kept
from sekisho.intel.loading import Loaded
from sekisho.intel.methods.gaps import version_of
from sekisho.model.briefs import BriefDocument, BriefFeed, NewEntry, NewIndicators, Todo
from sekisho.model.exploited import ExploitedItem
from sekisho.model.hunts import FeedDocument
from sekisho.model.indicators import IndicatorKind
from sekisho.model.methods import Change

MOST = 500
"""Rules and advisories that are told one by one."""
HITS = 50


def brief(workspace: Workspace, month: str, *, now: datetime) -> BriefDocument:
    """A month (`2026-10`, UTC). Raises RequestError for what is no month, or one that has not begun."""
    begin, end = month_of(month)
    if begin > now:
        raise RequestError(f"{month} has not begun", "name a month that is past, or this one")
    feeds, keeper = loaded(workspace, now), keeper_of(workspace)
    states = _states(workspace, keeper)
    stands = standing(workspace, now=now)
    versions = _versions(keeper, begin, end)
    then = standing(workspace, now=now, catalogue=versions[1]) if versions else stands
    changed = told(*versions, then) if versions else ()
    rules = arrived(workspace, ("sigma",), now=now, since=begin, until=end)
    advisories = arrived(workspace, ("advisories",), now=now, since=begin, until=end)
    joined = exploited(workspace, now=now)
    new = _new_rows(feeds, states, begin, end)
    cves = set(new.rows.filter(_is_vulnerability(new))["value"].to_pylist())
    exposed = tuple(one for one in joined.exploited if one.cve in cves)
    installed = {one.cve: one for one in joined.exploited}
    indicators = tuple(_indicators(workspace, new, now))
    told_rules = tuple(rule(one, stands) for one in rules[:MOST])
    told_advisories = tuple(advisory(one, stands, installed) for one in advisories[:MOST])
    counts = Counter(row for row in new.rows["feed"].to_pylist())
    counts.update(one.feed.name for one in (*rules, *advisories))
    followed = tuple(_feed(one, states[one.name], begin, end, counts[one.name]) for one in feeds.feeds)
    catalogue = versions[1] if versions else stands.catalogue
    return BriefDocument(
        made=now,
        month=month,
        asked=any(one.days for one in followed),
        feeds=followed,
        before=version_of(versions[0]) if versions else None,
        attack=version_of(catalogue),
        changes=changed,
        indicators=indicators,
        new_exploited=len(cves),
        exploited=exposed,
        rules=told_rules,
        advisories=told_advisories,
        todo=tuple(_todo(exposed, indicators, changed, told_advisories, told_rules)),
        notes=tuple(_notes(stands, joined.notes, feeds, len(rules), len(advisories), end, now)),
    )


def _states(workspace: Workspace, keeper: Keeper) -> dict[str, Kept]:
    found = {}
    for feed in read_feeds(workspace).feeds.values():
        kept = keeper.state(feed.name)
        found[feed.name] = kept if kept.of == feed.sha256 else Kept()
    return found


def _feed(one: FeedDocument, kept: Kept, begin: datetime, end: datetime, new: int) -> BriefFeed:
    low, high = f"{begin:%Y-%m-%d}", f"{end:%Y-%m-%d}"
    days = [day for day in kept.days if low <= day < high]
    return BriefFeed(
        name=one.name,
        kind=one.kind,
        licence=one.licence,
        days=len(days),
        last=max((day for day in kept.days if day < high), default=None),
        standing=one.standing,
        new=new,
    )


def _versions(keeper: Keeper, begin: datetime, end: datetime) -> tuple[Catalogue, Catalogue] | None:
    """The last version that came within the month, and the one before those that did; None where none came, or
    none was here before. Enterprise before other domains."""
    for domain in sorted(domains(keeper), key=lambda one: (one != ENTERPRISE, one)):
        versions = versions_of(keeper, domain)
        every = [versions.load(version) for version in versions.known()]
        came = [one for one in every if one.arrived is not None and begin <= one.arrived < end]
        earlier = [one for one in every if one.arrived is None or one.arrived < begin]
        if came and earlier:
            return earlier[-1], came[-1]
    return None


def _is_vulnerability(new: Loaded) -> object:
    return pc.equal(new.rows["kind"], IndicatorKind.VULNERABILITY.value)


def _new_rows(feeds: Loaded, states: dict[str, Kept], begin: datetime, end: datetime) -> Loaded:
    """Indicators that came within the month. What a feed had when it was first fetched is new where the feed
    itself dates it within."""
    table = feeds.rows
    keep = []
    began = {name: min(kept.days, default="") for name, kept in states.items()}
    low = f"{begin:%Y-%m-%d}"
    columns = (table[name].to_pylist() for name in ("feed", "arrived", "valid_from", "seen"))
    for feed, at, since, seen in zip(*columns, strict=True):
        came = at is not None and begin <= at < end
        own = since or seen
        known_before = began[feed] < low or own is None
        keep.append(came and (known_before or begin <= own < end))
    return Loaded(table.filter(pa.array(keep, pa.bool_())), feeds.feeds)


def _indicators(workspace: Workspace, new: Loaded, now: datetime) -> Iterator[NewIndicators]:
    rows = new.rows.filter(pc.invert(_is_vulnerability(new)))
    if not rows.num_rows:
        return
    inventory = read_inventory(workspace)
    with open_lake(workspace) as lake:
        lake.refresh(traits_of(inventory))
        found = hunt(lake, inventory, Loaded(rows, new.feeds), begin=None, end=None, now=now)
    for feed in sorted(set(rows["feed"].to_pylist())):
        kinds = Counter(rows.filter(pc.equal(rows["feed"], feed))["kind"].to_pylist())
        hits = [hit for hit in found.hits if hit.raised and any(m.feed == feed for m in hit.indicators)]
        ends = [end for hit in hits for end in (hit.src, hit.dst)]
        names = [one for one in found.names if one.indicator.feed == feed]
        yield NewIndicators(
            feed=feed,
            new=sum(kinds.values()),
            kinds=dict(sorted(kinds.items())),
            found=len(hits),
            hits=tuple(hit.finding for hit in hits[:HITS]),
            names=tuple(one.indicator.found for one in names[:HITS]),
            concerns=tuple(sorted({end.site for end in ends if end.site})),
            assets=tuple(sorted({end.asset for end in ends if end.asset}))[:HITS],
        )


def _todo(
    exposed: Sequence[ExploitedItem],
    indicators: Sequence[NewIndicators],
    changed: Sequence[Change],
    advisories: Sequence[NewEntry],
    rules: Sequence[NewEntry],
) -> Iterator[Todo]:
    for one in indicators:
        if one.found:
            some = ", ".join(one.hits[:3])
            yield Todo(
                what=f"investigate {one.found} connections that new indicators of {one.feed} name: {some}",
                why="they were here before it was known what they are",
                who=one.concerns,
            )
    for item in sorted(exposed, key=lambda one: (not one.ransomware, one.due or "9999", one.cve)):
        known = "; used by ransomware" if item.ransomware else ""
        yield Todo(
            what=f"patch or remove {item.vendor} {item.product} on {item.terminals} terminals: {item.cve}",
            why=f"{item.name or 'it'} is exploited{known}; {item.action}",
            who=tuple(sorted({s for program in item.installed for s in program.sites if s})),
            by=item.due,
        )
    for entry in advisories:
        if entry.concerns or entry.installed:
            yield Todo(what=entry.todo, why=f"advisory {entry.id}: {entry.title}", who=entry.concerns)
    for change in changed:
        if change.concerns:
            yield Todo(
                what=f"{change.technique} {change.name}: {change.todo}",
                why=f"ATT&CK: it {change.text}",
                who=change.concerns,
            )
    waiting = [one for one in rules if one.todo.startswith("try it")]
    if waiting:
        some = ", ".join(one.title for one in waiting[:3])
        more = f" and {len(waiting) - 3} more" if len(waiting) > 3 else ""
        yield Todo(
            what=f"try {len(waiting)} new Sigma rules: {some}{more}",
            why="what they read is recorded, and they are not run",
            who=tuple(sorted({site for one in waiting for site in one.concerns})),
        )


def _notes(
    stands: Standing,
    joined: Sequence[str],
    feeds: Loaded,
    rules: int,
    advisories: int,
    end: datetime,
    now: datetime,
) -> Iterator[str]:
    if end > now:
        yield "the month is not over: what comes later in it is not in here"
    yield from dict.fromkeys((*feeds.notes, *stands.notes, *joined))
    for many, what in ((rules, "rules"), (advisories, "advisories")):
        if many > MOST:
            yield f"of {many} new {what} the newest {MOST} are told"
