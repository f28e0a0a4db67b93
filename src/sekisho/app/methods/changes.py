"""What a new version of ATT&CK or a new advisory brings: what is new, whom it concerns here, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.app.hunting.registry import keeper_of, read_feeds
from sekisho.app.methods.catalogues import before, current, named
from sekisho.app.methods.exploited import exploited
from sekisho.app.methods.standing import Standing, standing
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.intel.attack.catalogue import Catalogue
from sekisho.intel.attack.difference import difference
from sekisho.intel.feeds import Feed
from sekisho.intel.loading import entries
from sekisho.intel.methods.gaps import version_of
from sekisho.intel.methods.known import known
from sekisho.model.briefs import ChangesDocument, NewEntry
from sekisho.model.exploited import ExploitedItem
from sekisho.model.methods import Change, TechniqueItem

NAMED = 3
"""Sites that a sentence names."""


@dataclass(frozen=True, slots=True)
class New:
    """Rows (ENTRIES) of a feed that came, or became other, within a time."""

    feed: Feed
    row: Mapping[str, Any]
    altered: bool


def changes(
    workspace: Workspace,
    *,
    now: datetime,
    old: str | None = None,
    new: str | None = None,
    domain: str | None = None,
    since: datetime | None = None,
) -> ChangesDocument:
    """From one version (a number, or a bundle's file; None: the one before) to another (None: the one that
    counts), and advisories that came since a time (aware UTC; None: all).

    Raises RequestError, FileProblems, FeedError.
    """
    to = named(workspace, new, domain) if new else current(workspace, now, domain).catalogue
    earlier = named(workspace, old, domain) if old else before(workspace, to)
    stands = standing(workspace, now=now, catalogue=to)
    notes = list(stands.notes)
    if earlier is None:
        notes.append(f"no version before {to.label} is here: name one with --from")
    found = told(earlier, to, stands) if earlier else ()
    fresh = arrived(workspace, ("advisories",), now=now, since=since, until=None)
    installed = {one.cve: one for one in exploited(workspace, now=now).exploited} if fresh else {}
    return ChangesDocument(
        made=now,
        before=version_of(earlier) if earlier else None,
        attack=version_of(to),
        changes=found,
        advisories=tuple(advisory(one, stands, installed) for one in fresh),
        notes=tuple(notes),
    )


def told(earlier: Catalogue, to: Catalogue, stands: Standing) -> tuple[Change, ...]:
    """Every change, those in scope first with whom they concern and what to do."""
    at = {one.id: one for one in stands.techniques}
    found = [_concerning(one, earlier, to, at, stands) for one in difference(earlier, to)]
    return tuple(sorted(found, key=lambda one: (not one.in_scope, one.technique, one.kind)))


def _concerning(
    change: Change,
    earlier: Catalogue,
    to: Catalogue,
    at: Mapping[str, TechniqueItem],
    stands: Standing,
) -> Change:
    lists = known()
    was, now = earlier.techniques.get(change.technique), to.techniques.get(change.technique)
    if not any(one is not None and lists.in_scope(one) for one in (was, now)):
        return change
    item = at.get(change.technique)
    if item is None:
        rules = [rule for rule in stands.here.rules if change.technique in rule.techniques]
        looks = [look.id for look in lists.looks if change.technique in look.techniques]
        todo = "nothing here looks for it by this name"
        if rules or looks:
            named_ = f"{len(rules)} Sigma rules" if rules else ", ".join(looks)
            instead = f" as {change.replaced_by}" if change.replaced_by else ""
            todo = f"{named_} still name it: read them{instead}"
        return change.model_copy(update={"in_scope": True, "todo": todo})
    where = concerned([item])
    return change.model_copy(update={"in_scope": True, "concerns": where, "todo": todo_of(item)})


def concerned(items: Iterable[TechniqueItem]) -> tuple[str, ...]:
    """Sites at which one of the techniques would not be seen, or is not looked for."""
    return tuple(
        sorted({s.site for one in items for s in one.sites if s.standing != "seen" or not s.looked_for})
    )


def todo_of(item: TechniqueItem) -> str:
    """What to do for a technique, by what is missing."""
    if not item.sources:
        return "nothing that is read here shows it: see the gaps"
    by = {
        state: [one.site for one in item.sites if one.standing == state]
        for state in ("nothing_recorded", "lapsed", "seen")
    }
    parts = []
    if by["nothing_recorded"]:
        parts.append(f"record {item.sources[0].title} at {_some(by['nothing_recorded'])}")
    if by["lapsed"]:
        parts.append(f"find out why nothing came lately from {_some(by['lapsed'])}")
    deaf = [one.site for one in item.sites if one.standing == "seen" and not one.looked_for]
    if not any(look.runs for look in item.looked_for_by):
        parts.append("let something look for it")
    elif deaf:
        parts.append(f"give what looks for it something to read at {_some(deaf)}")
    return "; ".join(parts) or "nothing: it is seen and looked for at every site"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def arrived(
    workspace: Workspace,
    kinds: tuple[str, ...],
    *,
    now: datetime,
    since: datetime | None,
    until: datetime | None,
) -> tuple[New, ...]:
    """Entries of feeds of these kinds that came or became other within [since, until), the newest first.

    What a feed had when it was first fetched is new where its own date lies within. Raises FileProblems.
    """
    keeper = keeper_of(workspace)
    found: list[New] = []
    for feed in read_feeds(workspace).enabled:
        if feed.said.kind not in kinds:
            continue
        counting, _ = entries(keeper, feed, now)
        rows = counting.to_pylist()
        first = min((row["arrived"] for row in rows), default=None)
        for row in rows:
            came = _within(row["arrived"], since, until)
            other = row["altered"] != row["arrived"] and _within(row["altered"], since, until)
            at_first = row["arrived"] == first and row["at"] is not None
            if (came and not (at_first and since and not _within(row["at"], since, until))) or other:
                found.append(New(feed, row, altered=not came))
    found.sort(key=lambda one: (one.row["at"] or now, one.row["id"]), reverse=True)
    return tuple(found)


def _within(at: datetime | None, since: datetime | None, until: datetime | None) -> bool:
    return at is not None and (since is None or at >= since) and (until is None or at < until)


def advisory(one: New, stands: Standing, installed: Mapping[str, ExploitedItem]) -> NewEntry:
    """An advisory with the sites where its techniques would not show, and its products on terminals."""
    named_ = set(one.row["techniques"])
    items = [item for item in stands.techniques if item.id in named_]
    lacking = [item for item in items if item.missing]
    hit = [installed[cve] for cve in one.row["vulnerabilities"] if cve in installed]
    at = {site for found in hit for item in found.installed for site in item.sites if site}
    todo = [
        f"{found.cve}: {found.vendor} {found.product} is on {found.terminals} terminals"
        for found in hit
    ]
    todo += [f"{item.id} {item.name}: {todo_of(item)}" for item in lacking]
    if not todo:
        todo = [
            "nothing: its techniques are seen and looked for, and no terminal is known to be exposed"
        ]
        if not items and not one.row["vulnerabilities"]:
            todo = ["read it: it names no technique that is in scope here"]
        elif one.row["vulnerabilities"]:
            todo = [
                "look whether its products are here: none is known among what terminals have installed"
            ]
    return entry(
        one,
        installed=tuple(found.cve for found in hit),
        concerns=tuple(sorted(at | set(concerned(lacking)))),
        terminals=max((found.terminals for found in hit), default=0),
        todo="; ".join(todo),
    )


def rule(one: New, stands: Standing) -> NewEntry:
    """A Sigma rule with the sources that it reads, the sites that have them, and whether it is run."""
    reads = known().read_by(one.row["about"])
    sites = {
        found.site
        for found in stands.here.recorded
        if found.source in reads and found.standing == "seen"
    }
    here = next((rule for rule in stands.here.rules if rule.id == one.row["id"]), None)
    if here is not None and here.why:
        todo = f"nothing: it is among those of fleet.sigma, and {here.why}"
    elif not reads:
        todo = "nothing: what it reads is on no record here"
    elif here is not None and here.runs:
        todo = "nothing: it is run"
    elif sites:
        todo = "try it: what it reads is recorded, and it is not run"
    else:
        todo = "nothing yet: what it reads is recorded at no site"
    return entry(one, reads=reads, concerns=tuple(sorted(sites)), todo=todo)


def entry(one: New, **more: Any) -> NewEntry:
    """A row as a document."""
    row = one.row
    return NewEntry(
        id=row["id"],
        title=row["title"],
        feed=one.feed.name,
        at=row["at"],
        arrived=row["arrived"],
        altered=one.altered,
        level=row["level"],
        about=row["about"],
        techniques=tuple(row["techniques"]),
        vulnerabilities=tuple(row["vulnerabilities"]),
        **more,
    )


def month_of(text: str) -> tuple[datetime, datetime]:
    """From and until of `2026-10`, aware UTC. Raises RequestError."""
    try:
        begin = datetime.fromisoformat(f"{text}-01T00:00:00+00:00")
    except ValueError:
        raise RequestError(f"{text[:40]!r} is no month", "write 2026-10") from None
    end = begin.replace(year=begin.year + begin.month // 12, month=begin.month % 12 + 1)
    return begin, end
