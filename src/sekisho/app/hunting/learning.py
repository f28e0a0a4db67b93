"""Feeds that hold no indicators, fetched or read anew: ATT&CK, folders of Sigma rules, advisories."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from sekisho.app.workspace import Workspace
from sekisho.intel.attack.bundle import read_bundle
from sekisho.intel.attack.catalogue import Catalogue
from sekisho.intel.attack.keeping import Versions
from sekisho.intel.attack.package import read_package
from sekisho.intel.entries import ENTRIES, enter
from sekisho.intel.feeds import Feed
from sekisho.intel.folders.files import fingerprint
from sekisho.intel.folders.registry import FOLDERS
from sekisho.intel.keeping import Keeper, Kept

ATTACK = ".attack"
"""A name that no feed can have: versions stay when a feed is had from elsewhere."""
Learned = tuple[dict[str, object], pa.Table | None]


def versions_of(keeper: Keeper, domain: str) -> Versions:
    """The versions of ATT&CK that were had of a domain."""
    return Versions(keeper.root / ATTACK / domain)


def domains(keeper: Keeper) -> tuple[str, ...]:
    """The domains of which there are versions."""
    folder = keeper.root / ATTACK
    return tuple(sorted(one.name for one in folder.iterdir())) if folder.is_dir() else ()


def learn(
    workspace: Workspace, keeper: Keeper, feed: Feed, kept: Kept, path: Path | None, now: datetime
) -> Learned:
    """What changes of how a feed stands, and its entries where these are new. `path` is of what was fetched;
    None reads what the feed names itself. Raises FeedError, RequestError."""
    said = feed.said
    place = path or (None if said.path is None else workspace.root / said.path)
    if said.kind == "attack":
        return _attack(keeper, kept, (lambda: read_bundle(place)) if place else read_package, now)
    if place is None:
        raise AssertionError("a folder has a place")
    return _folder(keeper, feed, kept, place, now, fetched=path is not None)


def _attack(keeper: Keeper, kept: Kept, read: Callable[[], Catalogue], now: datetime) -> Learned:
    found = read()
    changed = versions_of(keeper, found.domain).put(found, now)
    # A package or a file is as old as the version in it, whenever it is read.
    active = sum(one.status == "active" for one in found.techniques.values())
    update: dict[str, object] = {"checked": min(found.date or now, now), "indicators": active}
    update["modified"] = f"{found.domain}/{found.version}"
    if changed or kept.changed is None:
        update["changed"] = now
    return update, None


def _folder(
    keeper: Keeper, feed: Feed, kept: Kept, place: Path, now: datetime, *, fetched: bool
) -> Learned:
    reader = FOLDERS[feed.said.kind]
    sha256, newest = fingerprint(place, reader.suffixes)
    checked = now if fetched else min(newest or now, now)
    if kept.file and kept.added == sha256:
        return {"checked": checked}, None
    before = keeper.rows(feed.name, kept if kept.added else Kept(), ENTRIES)
    found = enter(reader.read(place), before, now)
    return {
        "checked": checked,
        "changed": now,
        "added": sha256,
        "aside": dict(found.aside),
        "examples": found.examples,
    }, found.rows
