"""intel.yaml of a workspace: read, and one feed added."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sekisho.app.workspace import Workspace
from sekisho.app.writing import whole
from sekisho.errors import RequestError
from sekisho.intel.feeds import FILE, Feeds, parse_feeds
from sekisho.intel.keeping import Keeper
from sekisho.intel.loading import Loaded, load
from sekisho.intel.warning_lists import WarningLists, package_folder
from sekisho.inventory.files import read_bytes
from sekisho.inventory.located import did_you_mean
from sekisho.model.hunts import FeedsDocument


def read_feeds(workspace: Workspace) -> Feeds:
    """intel.yaml; without the file there are no feeds. Raises FileProblems."""
    path = workspace.root / FILE
    return parse_feeds(read_bytes(path)) if path.is_file() else Feeds()


def keeper_of(workspace: Workspace) -> Keeper:
    """Where the workspace keeps what it fetched."""
    return Keeper(workspace.data / "intel")


def known(feeds: Feeds, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names, each of a feed. Raises RequestError."""
    for name in names:
        if name not in feeds.feeds:
            raise RequestError(f"there is no feed {name[:60]}", did_you_mean(name, feeds.feeds))
    return names


def loaded(workspace: Workspace, now: datetime, only: tuple[str, ...] = ()) -> Loaded:
    """The indicators as they stand. Raises FileProblems, RequestError."""
    feeds = read_feeds(workspace)
    lists = lists_of(workspace, feeds)
    return load(keeper_of(workspace), feeds, now, known(feeds, only), lists)


def lists_of(workspace: Workspace, feeds: Feeds) -> WarningLists:
    """The warning lists that intel.yaml turns on, read when somebody asks them. Raises RequestError."""
    said = feeds.lists
    folders = [package_folder()] if said.package else []
    if said.folder is not None:
        folders.append(workspace.root / said.folder)
    return WarningLists(tuple(folders), frozenset(said.use), frozenset(said.leave_out))


def listed(workspace: Workspace, now: datetime) -> FeedsDocument:
    """How every feed stands. Raises FileProblems."""
    found = loaded(workspace, now)
    return document_of(found, now)


def document_of(found: Loaded, now: datetime) -> FeedsDocument:
    """Feeds as a document."""
    return FeedsDocument(
        made=now,
        feeds=found.feeds,
        indicators=sum(one.indicators for one in found.feeds),
        notes=found.notes,
    )


def add_feed(workspace: Workspace, name: str, said: Mapping[str, object]) -> Path:
    """Write one more feed at the end of intel.yaml, whose other lines stay as they are.

    Raises FileProblems for a feed that is wrong, RequestError where it exists or the file is not written
    by the line.
    """
    path = workspace.root / FILE
    before = read_bytes(path) if path.is_file() else b""
    if name in parse_feeds(before).feeds:
        raise RequestError(f"there is a feed {name} already", f"change it in {FILE}")
    body = ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in said.items())
    line = f"  {name}: {{{body}}}\n"
    start = before.decode("utf-8-sig")
    if not start.strip():
        start = "feeds:\n"
    elif not start.endswith("\n"):
        start += "\n"
    after = (start + line).encode()
    found = parse_feeds(after).feeds
    if name not in found or len(found) != len(parse_feeds(before).feeds) + 1:
        raise RequestError(f"{FILE} does not end with its feeds", f"write it in yourself:\n{line}")
    with whole(path) as part:
        part.write_bytes(after)
    return path
